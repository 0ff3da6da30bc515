import type { Generated } from 'kysely';

/** What is kept of layers. Made by migration 0002. */
export interface LayerTables {
  /** A list of packages as one lister read it from one file, stored once however many layers hold that file. */
  readonly package_list: {
    readonly id: Generated<number>;
    /** SHA-256 of the body, 64 hex digits. */
    readonly hash: string;
    readonly body: Uint8Array;
  };
  readonly layer: {
    readonly id: Generated<number>;
    readonly name: string;
    readonly parent_id: number | null;
    /** Counts up whenever the layer, or one below it, is analysed again. */
    analysis: number;
    /** The analysis of which `namespace` and `layer_added_package` tell; when it is behind they are to be derived anew. */
    derived_analysis: number;
    /** Of the plugins that read it. */
    analyser_version: string;
    /** Ours, in force at this layer: `debian:12`. */
    namespace: string | null;
    /** What the layer does to those below, its release files and aliases. */
    walk: Uint8Array;
    created_at: number;
  };
  /** Which lists a layer holds. */
  readonly layer_file: {
    readonly layer_id: number;
    readonly path: string;
    readonly lister: string;
    /** The wanted path that leads to it, where that is an alias; else ``. */
    readonly as_path: string;
    readonly list_id: number;
  };
  /** A package by what advisories can tell of it. Empty text: there is none. */
  readonly package: {
    readonly id: Generated<number>;
    /** SHA-256 of all that follows, 64 hex digits. */
    readonly hash: string;
    readonly scheme: string;
    readonly type: string;
    /** Ours; `` where the image names none. */
    readonly namespace: string;
    readonly name: string;
    readonly version: string;
    readonly source_name: string;
    readonly source_version: string;
    readonly arch: string;
    readonly module: string;
  };
  /** Which layers brought a package. Derived: it is made anew, with all layers above, when a layer is analysed again. */
  readonly layer_added_package: { readonly package_id: number; readonly layer_id: number };
  /** Namespaces in the order in which layers and users first named them, as the v1 wire writes them. */
  readonly named_namespace: { readonly id: Generated<number>; readonly name: string; readonly version_format: string };
}
