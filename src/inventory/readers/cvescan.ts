import type { VulnerabilityStatement } from '../../model/vulnerability-statement.ts';
import { asFields, asText, type JsonFields } from '../../platform/json-values.ts';
import { documentPackage } from '../document-package.ts';
import { readKernelConfig } from '../kernel-config.ts';
import { cpeOfProduct } from '../product-cpe.ts';
import type { DocumentInventory, DocumentPackage, JsonReader, ReaderContext } from '../reader.ts';
import { withoutRepeats } from '../statements-by-subject.ts';

const VERSION = '1.0.0';

/**
 * CVEScan's own inventory 1.0.0, as meta-cvescan writes it: `packages` maps an id to a recipe with its NVD product names, version,
 * and the vulnerabilities that it patches or ignores.
 */
export const cvescanReader: JsonReader = {
  name: 'cvescan',
  title: 'CVEScan inventory 1.0.0',
  form: 'json',
  // A map of packages by id: npm's lockfile has one too, with paths for ids.
  recognises: ({ version, packages, lockfileVersion }) =>
    typeof version === 'string' && /^1\.\d/.test(version) && lockfileVersion === undefined && isMap(packages),
  read: readInventory,
};

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readInventory(document: JsonFields, { problem }: ReaderContext): DocumentInventory {
  const deviation = (path: string, what: string) =>
    problem({ code: 'reader.deviation', message: `${path} ${what}`, path });
  if (document.version !== VERSION) deviation('version', `is ${JSON.stringify(document.version)}, read as ${VERSION}`);
  if (!isMap(document.packages)) deviation('packages', 'is no map of packages');
  return { packages: packagesOf(asFields(document.packages), deviation) };
}

type ReportDeviation = (place: string, what: string) => void;

function* packagesOf(packages: JsonFields, deviation: ReportDeviation): Generator<DocumentPackage> {
  for (const [id, item] of Object.entries(packages)) {
    const place = `packages.${id}`;
    if (!isMap(item)) {
      deviation(place, 'is no package');
      yield documentPackage({ name: id }, () => {});
    } else yield packageOf(id, asFields(item), deviation);
  }
}

function packageOf(id: string, item: JsonFields, deviation: ReportDeviation): DocumentPackage {
  const place = `packages.${id}`;
  const list = (key: string) => listOf(item[key], (what) => deviation(`${place}.${key}`, what));
  const name = asText(item.bpn) ?? id;
  const pv = asText(item.pv);
  const version = asText(item.cve_version) ?? pv ?? '';
  const products = list('cve_product');
  const cpes = (products.length > 0 ? products : [name]).map((product) => cpeOfProduct(product, version));
  const arch = asText(item.arch);
  const statements = [
    ...statementsOf('patched', list('patched_cves')),
    ...statementsOf('ignored', list('cve_whitelist')),
  ];
  const config = configOf(item.config);
  const [runtime, uris] = [list('runtime'), list('src_uri')];
  const properties = {
    ...(id !== name && { inventoryId: id }),
    ...(pv !== undefined && pv !== version && { pv }),
    ...(runtime.length > 0 && { runtime: runtime.join(' ') }),
    ...(uris.length > 0 && { src_uri: uris.join(' ') }),
  };
  return {
    ...documentPackage({ name, version, cpes }, (what) => deviation(place, what)),
    ...(arch !== undefined && { arch }),
    ...(statements.length > 0 && { statements: withoutRepeats(statements) }),
    ...(Object.keys(config).length > 0 && { kernelConfig: config }),
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}

/** Texts, or objects with a `name`; one alone may stand without a list. */
function listOf(value: unknown, fault: (what: string) => void): readonly string[] {
  if (value === undefined || value === null) return [];
  return [value].flat().flatMap((item) => {
    const word = asText(item) ?? asText(asFields(item).name);
    if (word !== undefined) return [word];
    if (item !== '') fault('holds something else than names');
    return [];
  });
}

function statementsOf(kind: 'patched' | 'ignored', ids: readonly string[]): readonly VulnerabilityStatement[] {
  const source = kind === 'patched' ? 'cvescan patched_cves' : 'cvescan cve_whitelist';
  return ids.map((vulnerabilityId) => ({ vulnerabilityId, kind, source }));
}

/** A map of symbol to value, or a list of `CONFIG_X=y` lines. */
function configOf(config: unknown): Readonly<Record<string, string>> {
  if (!isMap(config)) return readKernelConfig([config].flat().filter((line) => typeof line === 'string'));
  return readKernelConfig(
    Object.entries(asFields(config)).map(
      ([symbol, value]) => `${symbol}=${value === true ? 'y' : value === false ? 'n' : value}`,
    ),
  );
}
