import type { Logger } from 'pino';
import type { Snapshot } from '../advisories/snapshot.ts';
import type { WriteTransaction } from '../state/state.ts';
import type { ClairFeature, ClairNamespace, ClairNotification, ClairVulnerability } from '../wire/clair-v1/types.ts';

/** The snapshot that is served, held until it is disposed of; undefined while there is none. */
export type PinSnapshot = () => ({ readonly snapshot: Snapshot } & Disposable) | undefined;

/** A layer's bytes as a regular file that may be read with offsets: a download's temporary file, or an opened local file. */
export interface OpenLayerFile extends AsyncDisposable {
  readonly fd: number;
  readonly path: string;
  readonly sizeBytes: number;
}

/** An answer as bytes, kept with what it was made of: asking again costs no more than sending it. */
export interface EncodedAnswer {
  /** As `encodeClair` writes it. */
  readonly json: Uint8Array;
  /** The same in gzip; made once. */
  gzip(): Promise<Uint8Array>;
}

/** Stores and shows layers. */
export interface Layers {
  /**
   * Analyses a layer and stores what it holds. A name that is stored already is answered at once.
   *
   * @param open gets the bytes; called only after the checks that come before it in Clair's order.
   * @throws ScannerError `layer.unknown-parent`, `layer.unreachable` (from `open`), `layer.unknown-format`, `layer.unsupported`,
   *   `archive.*`, `image.*`.
   */
  post(
    layer: { readonly name: string; readonly parentName?: string; readonly format: string },
    open: (signal: AbortSignal) => Promise<OpenLayerFile>,
    signal: AbortSignal,
  ): Promise<{ readonly indexedByVersion: number }>;
  /** The envelope `{"Layer":…}`. @throws ScannerError `resource.not-found`, `server.busy`. */
  get(
    name: string,
    show: { readonly features: boolean; readonly vulnerabilities: boolean; readonly allLayers: boolean },
  ): Promise<EncodedAnswer>;
  /** With all layers on top of it. @throws ScannerError `resource.not-found`. */
  delete(name: string): Promise<void>;
}

export interface Namespaces {
  list(): Promise<readonly ClairNamespace[]>;
}

/** Where a vulnerability is known: namespace and name as the v1 wire writes them. */
export interface VulnerabilityName {
  readonly namespace: string;
  readonly name: string;
}

/** What users changed of a vulnerability: before and after, with FixedIn. Without `old` it is new, without `new` it is gone. */
export interface VulnerabilityChange extends VulnerabilityName {
  readonly old?: ClairVulnerability;
  readonly new?: ClairVulnerability;
}

/** Told of a change inside the transaction that makes it. */
export type OnVulnerabilityChange = (tx: WriteTransaction, change: VulnerabilityChange) => Promise<void>;

/** Shows what feeds and users say of vulnerabilities, and takes what users say. All but `list` throw `resource.not-found`. */
export interface Vulnerabilities {
  /** @param page `from`: the first row, as `next` of the page before. */
  list(
    namespace: string,
    page: { readonly limit: number; readonly from?: number },
  ): Promise<{ readonly vulnerabilities: readonly ClairVulnerability[]; readonly next?: number }>;
  get(which: VulnerabilityName, show: { readonly fixedIn: boolean }): Promise<ClairVulnerability>;
  /** Clair's POST: FixedIn is merged into what is stored. @throws ScannerError `request.malformed` with Clair's texts. */
  post(vulnerability: ClairVulnerability): Promise<void>;
  /** Clair's PUT: replaces all but FixedIn; an unknown one is made. */
  put(which: VulnerabilityName, vulnerability: ClairVulnerability): Promise<void>;
  delete(which: VulnerabilityName): Promise<void>;
  listFixes(which: VulnerabilityName): Promise<readonly ClairFeature[]>;
  putFix(which: VulnerabilityName, fix: ClairFeature): Promise<void>;
  deleteFix(which: VulnerabilityName, feature: string): Promise<void>;
  /** Takes back what users said, a deletion too, so that feeds have the word again. */
  reset(which: VulnerabilityName): Promise<void>;
}

/** Where a page of a notification begins: the layer for each side, -1 when that side is done. */
export interface NotificationPage {
  readonly old: number;
  readonly new: number;
}

export interface Notifications {
  /**
   * @param page `limit` -1: without layers and pages; without `from` the first page.
   * @returns Page and NextPage apart, as the route makes tokens of them. @throws ScannerError `resource.not-found`.
   */
  get(
    name: string,
    page: { readonly limit: number; readonly from?: NotificationPage },
  ): Promise<{
    readonly notification: ClairNotification;
    readonly page: NotificationPage;
    readonly next?: NotificationPage;
  }>;
  delete(name: string): Promise<void>;
}

/** What the routes stand on. A part that is not there yet answers 503. */
export interface Dependencies {
  readonly layers: Layers;
  readonly namespaces: Namespaces;
  readonly vulnerabilities: Vulnerabilities;
  readonly notifications: Notifications;
  readonly log: Logger;
}
