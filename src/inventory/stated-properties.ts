import type { InventoryLayer } from '../model/inventory.ts';
import type { Location } from '../model/package.ts';
import type { StatementKind, VulnerabilityStatement } from '../model/vulnerability-statement.ts';
import { readKernelConfig } from './kernel-config.ts';
import type { DocumentInventory, DocumentPackage } from './reader.ts';
import { withoutRepeats } from './statements-by-subject.ts';

/** Properties of a component or document: value by name; of several of one name, all. */
export type StatedProperties = ReadonlyMap<string, readonly string[]>;

/**
 * Reads back what this program writes into SBOMs as `cvescan:…` properties (docs/reference/sbom-properties.md), so that an image
 * and its SBOM are the same inventory.
 */

/** What the properties say of a package; undefined where they are not ours. */
export function packageFacts(properties: StatedProperties): Omit<DocumentPackage, 'name' | 'version'> | undefined {
  const one = (name: string) => properties.get(`cvescan:${name}`)?.[0];
  const [type, versionScheme] = [one('type'), one('versionScheme')];
  if (type === undefined || versionScheme === undefined) return undefined;
  const sourceName = one('source:name');
  return {
    type,
    versionScheme,
    ...optional({
      arch: one('arch'),
      namespace: one('namespace'),
      module: one('module'),
      removedBy: one('removedBy'),
      filtered: one('filtered'),
      source: sourceName === undefined ? undefined : { name: sourceName, version: one('source:version') ?? '' },
      cpes: numbered('cpe', one),
      properties: namedProperties(properties),
    }),
    ...inventoryFacts(properties),
    locations: locationsOf(one),
  };
}

/** What documents of other makers may state in the same way: statements on vulnerabilities, and a kernel's configuration. */
export function inventoryFacts(
  properties: StatedProperties,
): Pick<DocumentPackage, 'statements' | 'kernelConfig' | 'compiledSources'> {
  const all = (name: string) => properties.get(`cvescan:${name}`) ?? [];
  const statements = [
    ...all('statement').flatMap(statementOfJson),
    ...all('patched_cves').map(statementOf('patched', 'cvescan patched_cves')),
    ...all('cve_whitelist').map(statementOf('ignored', 'cvescan cve_whitelist')),
  ];
  const [config, sources] = [all('config'), all('compiledSource')];
  return {
    ...(statements.length > 0 && { statements: withoutRepeats(statements) }),
    ...(config.length > 0 && { kernelConfig: readKernelConfig(config) }),
    ...(sources.length > 0 && { compiledSources: sources }),
  };
}

/** Facts of the inventory as a whole. */
export function documentFacts(properties: StatedProperties): Omit<DocumentInventory, 'packages'> {
  const one = (name: string) => properties.get(`cvescan:${name}`)?.[0];
  const layers: InventoryLayer[] = [];
  for (let index = 0; one(`layer:${index}:verification`) !== undefined; index++) {
    const createdBy = one(`layer:${index}:createdBy`);
    layers.push({
      index,
      digest: one(`layer:${index}:digest`) ?? '',
      ...(createdBy !== undefined && { createdBy }),
      verification: one(`layer:${index}:verification`) === 'verified' ? 'verified' : 'not_verified',
    });
  }
  return optional({
    namespace: one('namespace'),
    repositoryCpes: numbered('repositoryCpe', one),
    layers: layers.length > 0 ? layers : undefined,
  });
}

const KINDS: ReadonlySet<unknown> = new Set<StatementKind>([
  'patched',
  'ignored',
  'not_in_range',
  'affected',
  'under_investigation',
]);

function statementOfJson(text: string): VulnerabilityStatement[] {
  try {
    const { vulnerabilityId, kind, reason, detail, source } = JSON.parse(text);
    if (typeof vulnerabilityId !== 'string' || !KINDS.has(kind) || typeof source !== 'string') return [];
    const said = { ...(typeof reason === 'string' && { reason }), ...(typeof detail === 'string' && { detail }) };
    return [{ vulnerabilityId, kind, ...said, source }];
  } catch {
    return [];
  }
}

function statementOf(kind: StatementKind, source: string): (id: string) => VulnerabilityStatement {
  return (vulnerabilityId) => ({ vulnerabilityId, kind, source });
}

function locationsOf(one: (name: string) => string | undefined): readonly Location[] {
  const locations: Location[] = [];
  for (let n = 0; ; n++) {
    const path = one(`location:${n}:path`);
    if (path === undefined) return locations;
    const layer = one(`location:${n}:layer`);
    locations.push(layer === undefined ? { path } : { layer, path });
  }
}

function numbered(name: string, one: (name: string) => string | undefined): readonly string[] | undefined {
  const values: string[] = [];
  for (let n = 0; ; n++) {
    const value = one(`${name}:${n}`);
    if (value === undefined) return values.length > 0 ? values : undefined;
    values.push(value);
  }
}

function namedProperties(properties: StatedProperties): Readonly<Record<string, string>> | undefined {
  const found = [...properties].flatMap(([name, values]) =>
    name.startsWith('cvescan:property:') ? [[name.slice('cvescan:property:'.length), values[0] ?? ''] as const] : [],
  );
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** Without the keys that have no value. */
function optional<Fields extends Readonly<Record<string, unknown>>>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}
