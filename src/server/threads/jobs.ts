import type { LayerChoice } from '../../inventory/overlay.ts';
import type { LayerSource } from '../../model/layer.ts';
import type { PackageRow, StoredFile } from '../../state/layer-rows.ts';
import type { ClairLayer, ClairVulnerability } from '../../wire/clair-v1/types.ts';
import type { FeedRow } from '../vulnerabilities/feed-view.ts';

/** A layer of a chain as state keeps it, by the name under which it was posted. */
export interface StoredChainLayer {
  readonly name: string;
  readonly walk: Uint8Array;
  readonly files: readonly StoredFile[];
}

/** Reads a posted layer and puts it upon its chain. */
export interface AnalyseJob {
  readonly kind: 'analyse';
  readonly name: string;
  /** Undefined: a file of no bytes, which is a layer that changes nothing. */
  readonly source: LayerSource | undefined;
  /** The lowest first. */
  readonly below: readonly StoredChainLayer[];
}

export interface Analysed extends Derived {
  readonly walk: Uint8Array;
  readonly files: readonly StoredFile[];
}

/** What follows of a chain for its uppermost layer. */
export interface DeriveJob {
  readonly kind: 'derive';
  readonly chain: readonly StoredChainLayer[];
}

export interface Derived {
  readonly namespace: string | undefined;
  readonly added: readonly PackageRow[];
}

/** Finds the features of a chain, and what feeds say of them. The thread keeps them for `finish`. */
export interface ProjectJob {
  readonly kind: 'project';
  readonly head: ClairLayer;
  readonly chain: readonly StoredChainLayer[];
  readonly choice: LayerChoice;
  /** Undefined: only features are shown. */
  readonly judging?: { readonly snapshotFile: string | undefined; readonly nowMs: number };
}

/** Names by namespace as the v1 wire writes it. */
export type NamesByNamespace = readonly (readonly [namespace: string, names: readonly string[]])[];

export interface Projected {
  readonly features: NamesByNamespace;
  /** Of vulnerabilities that feeds name. */
  readonly found: NamesByNamespace;
}

/** What a user says of a feature. */
export interface OwnStatement {
  readonly namespace: string;
  readonly feature: string;
  /** The first version that is not affected; `#MAXV#`: none is known. */
  readonly version: string;
  readonly name: string;
  /** The vulnerability as JSON, in Clair's shape. */
  readonly body: string;
}

/** Ends what `project` began. */
export interface FinishJob {
  readonly kind: 'finish';
  readonly own: readonly OwnStatement[];
  /** Vulnerabilities, `namespace\0name`, of which users have the word. */
  readonly masked: readonly string[];
}

/** What feeds say of one vulnerability in one namespace. */
export interface VulnerabilityJob {
  readonly kind: 'vulnerability';
  readonly snapshotFile: string;
  readonly namespace: string;
  readonly name: string;
}

/** A page of what feeds say in a namespace. */
export interface VulnerabilitiesJob {
  readonly kind: 'vulnerabilities';
  readonly snapshotFile: string;
  readonly namespace: string;
  readonly from: number;
  readonly limit: number;
}

export interface Answers {
  readonly analyse: Analysed;
  readonly derive: Derived;
  readonly project: Projected;
  /** The envelope as bytes. */
  readonly finish: Uint8Array;
  readonly vulnerability: ClairVulnerability | undefined;
  readonly vulnerabilities: readonly FeedRow[];
}

export type Job = AnalyseJob | DeriveJob | ProjectJob | FinishJob | VulnerabilityJob | VulnerabilitiesJob;
