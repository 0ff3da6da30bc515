/**
 * Clair's objects on the v1 wire. Keys are written in the order of `encode.ts`; what is empty ('', 0, [], {}) is left out, so every
 * member is optional. Source: Clair v2.0.9, `api/v1/models.go`.
 */

export interface ClairLayer {
  readonly Name?: string;
  readonly NamespaceName?: string;
  readonly Path?: string;
  readonly Headers?: Readonly<Record<string, string>>;
  readonly ParentName?: string;
  readonly Format?: string;
  readonly IndexedByVersion?: number;
  readonly Features?: readonly ClairFeature[];
}

export interface ClairFeature {
  readonly Name?: string;
  readonly NamespaceName?: string;
  /** `dpkg` or `rpm`; Alpine's is reported as `dpkg`. */
  readonly VersionFormat?: string;
  /** `None` where no fix is known (FixedIn and fixes only). */
  readonly Version?: string;
  readonly Vulnerabilities?: readonly ClairVulnerability[];
  /** Name of the layer that brought it. */
  readonly AddedBy?: string;
  /** Ours, with `&allLayers`: name of the layer that removed it. */
  readonly RemovedBy?: string;
}

export interface ClairVulnerability {
  readonly Name?: string;
  readonly NamespaceName?: string;
  readonly Description?: string;
  readonly Link?: string;
  /** Unknown, Negligible, Low, Medium, High, Critical or Defcon1. */
  readonly Severity?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  /** In a layer's features only; absent where no fix is known. */
  readonly FixedBy?: string;
  readonly FixedIn?: readonly ClairFeature[];
}

export interface ClairNamespace {
  readonly Name?: string;
  readonly VersionFormat?: string;
}

export interface ClairNotification {
  readonly Name?: string;
  /** Unix seconds, as text; so are the next two. */
  readonly Created?: string;
  readonly Notified?: string;
  readonly Deleted?: string;
  readonly Limit?: number;
  readonly Page?: string;
  readonly NextPage?: string;
  readonly Old?: ClairVulnerabilityWithLayers;
  readonly New?: ClairVulnerabilityWithLayers;
}

export interface ClairVulnerabilityWithLayers {
  readonly Vulnerability?: ClairVulnerability;
  readonly OrderedLayersIntroducingVulnerability?: readonly ClairOrderedLayer[];
  readonly LayersIntroducingVulnerability?: readonly string[];
}

/** Both members are always written. */
export interface ClairOrderedLayer {
  readonly Index: number;
  readonly LayerName: string;
}

/** What `encode.ts` writes: one of Clair's envelopes. An empty list at this level is `null`. */
export type ClairEnvelope =
  | { readonly Layer: ClairLayer }
  | { readonly Namespaces: readonly ClairNamespace[] }
  | { readonly Vulnerability: ClairVulnerability }
  | { readonly Vulnerabilities: readonly ClairVulnerability[]; readonly NextPage?: string }
  | { readonly Feature: ClairFeature }
  | { readonly Features: readonly ClairFeature[] }
  | { readonly Notification: ClairNotification }
  | { readonly Error: { readonly Message: string } };
