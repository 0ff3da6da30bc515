import { asFields, asList, asNumber, asText, asTexts, type JsonFields } from '../../platform/json-values.ts';
import type {
  ClairFeature,
  ClairLayer,
  ClairNotification,
  ClairVulnerability,
  ClairVulnerabilityWithLayers,
} from './types.ts';

/** What a server answered, member by member: one of another kind than Clair's is left out, so nobody has to look again. */

/** @param value the `Layer` of an answer. */
export function readLayer(value: unknown): ClairLayer {
  const fields = asFields(value);
  return {
    ...texts(fields, 'Name', 'NamespaceName', 'Path', 'ParentName', 'Format'),
    ...integer(fields, 'IndexedByVersion'),
    ...(Array.isArray(fields.Features) && { Features: fields.Features.map(readFeature) }),
  };
}

function readFeature(value: unknown): ClairFeature {
  const fields = asFields(value);
  return {
    ...texts(fields, 'Name', 'NamespaceName', 'VersionFormat', 'Version', 'AddedBy', 'RemovedBy'),
    ...(Array.isArray(fields.Vulnerabilities) && { Vulnerabilities: fields.Vulnerabilities.map(readVulnerability) }),
  };
}

/** @param value one of the `Vulnerabilities`. */
export function readVulnerability(value: unknown): ClairVulnerability {
  const fields = asFields(value);
  return {
    ...texts(fields, 'Name', 'NamespaceName', 'Description', 'Link', 'Severity', 'FixedBy'),
    ...(fields.Metadata !== undefined && { Metadata: asFields(fields.Metadata) }),
    ...(Array.isArray(fields.FixedIn) && { FixedIn: fields.FixedIn.map(readFeature) }),
  };
}

/** @param value the `Notification` of an answer. */
export function readNotification(value: unknown): ClairNotification {
  const fields = asFields(value);
  return {
    ...texts(fields, 'Name', 'Created', 'Notified', 'Deleted', 'Page', 'NextPage'),
    ...integer(fields, 'Limit'),
    ...(fields.Old !== undefined && { Old: readRevision(fields.Old) }),
    ...(fields.New !== undefined && { New: readRevision(fields.New) }),
  };
}

function readRevision(value: unknown): ClairVulnerabilityWithLayers {
  const fields = asFields(value);
  return {
    Vulnerability: readVulnerability(fields.Vulnerability),
    OrderedLayersIntroducingVulnerability: asList(fields.OrderedLayersIntroducingVulnerability).map((layer) => {
      const { Index, LayerName } = asFields(layer);
      return { Index: asNumber(Index) ?? 0, LayerName: asText(LayerName) ?? '' };
    }),
    LayersIntroducingVulnerability: asTexts(fields.LayersIntroducingVulnerability),
  };
}

function texts<Key extends string>(fields: JsonFields, ...keys: readonly Key[]): { [K in Key]?: string } {
  const found = keys.flatMap((key) => {
    const text = asText(fields[key]);
    return text === undefined ? [] : [[key, text] as const];
  });
  return Object.fromEntries(found) as { [K in Key]?: string };
}

function integer<Key extends string>(fields: JsonFields, key: Key): { [K in Key]?: number } {
  const value = asNumber(fields[key]);
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: number };
}
