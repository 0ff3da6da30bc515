import type {
  ClairFeature,
  ClairLayer,
  ClairNamespace,
  ClairNotification,
  ClairOrderedLayer,
  ClairVulnerability,
  ClairVulnerabilityWithLayers,
} from './types.ts';

/** What a member of one of Clair's objects holds, in the words of its decoder's errors. */
export type MemberType = 'string' | 'int' | 'strings' | 'headers' | 'metadata' | Shape | readonly [Shape];

/** One of Clair's objects: its Go name, and its members in the order in which they are written. */
export interface Shape {
  readonly name: string;
  readonly members: Readonly<Record<string, () => MemberType>>;
  /** Written even when empty. */
  readonly always?: readonly string[];
}

type MembersOf<T> = { readonly [Key in keyof Required<T>]: () => MemberType };

const text = () => 'string' as const;
const integer = () => 'int' as const;

/** @throws nothing: the type makes sure that no member is forgotten. */
function shape<T>(name: string, members: MembersOf<T>, always: readonly (keyof T & string)[] = []): Shape {
  return { name, members: members as Shape['members'], always };
}

export const FEATURE: Shape = shape<ClairFeature>('Feature', {
  Name: text,
  NamespaceName: text,
  VersionFormat: text,
  Version: text,
  Vulnerabilities: () => [VULNERABILITY],
  AddedBy: text,
  RemovedBy: text,
});

export const VULNERABILITY: Shape = shape<ClairVulnerability>('Vulnerability', {
  Name: text,
  NamespaceName: text,
  Description: text,
  Link: text,
  Severity: text,
  Metadata: () => 'metadata',
  FixedBy: text,
  FixedIn: () => [FEATURE],
});

export const LAYER: Shape = shape<ClairLayer>('Layer', {
  Name: text,
  NamespaceName: text,
  Path: text,
  Headers: () => 'headers',
  ParentName: text,
  Format: text,
  IndexedByVersion: integer,
  Features: () => [FEATURE],
});

export const NAMESPACE: Shape = shape<ClairNamespace>('Namespace', { Name: text, VersionFormat: text });

const ORDERED_LAYER: Shape = shape<ClairOrderedLayer>('OrderedLayerName', { Index: integer, LayerName: text }, [
  'Index',
  'LayerName',
]);

const VULNERABILITY_WITH_LAYERS: Shape = shape<ClairVulnerabilityWithLayers>('VulnerabilityWithLayers', {
  Vulnerability: () => VULNERABILITY,
  OrderedLayersIntroducingVulnerability: () => [ORDERED_LAYER],
  LayersIntroducingVulnerability: () => 'strings',
});

export const NOTIFICATION: Shape = shape<ClairNotification>('Notification', {
  Name: text,
  Created: text,
  Notified: text,
  Deleted: text,
  Limit: integer,
  Page: text,
  NextPage: text,
  Old: () => VULNERABILITY_WITH_LAYERS,
  New: () => VULNERABILITY_WITH_LAYERS,
});
