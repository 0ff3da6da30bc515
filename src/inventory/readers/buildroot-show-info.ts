import type { VulnerabilityStatement } from '../../model/vulnerability-statement.ts';
import { asFields, asText, asTexts, type JsonFields } from '../../platform/json-values.ts';
import { documentPackage } from '../document-package.ts';
import type { DocumentPackage, JsonReader } from '../reader.ts';
import { withoutRepeats } from '../statements-by-subject.ts';

/**
 * Buildroot's `make show-info`: an object of packages, those of the build machine (`host`) and root file systems among them.
 * Source: https://buildroot.org/downloads/manual/manual.html, and package/pkg-utils.mk.
 */
export const buildrootShowInfoReader: JsonReader = {
  name: 'buildroot-show-info',
  title: 'Buildroot make show-info, JSON',
  form: 'json',
  recognises(document) {
    const packages = Object.values(document);
    return packages.length > 0 && packages.every(isPackage);
  },

  read(document, { problem }) {
    const deviation = (path: string, what: string) =>
      problem({ code: 'reader.deviation', message: `${path} ${what}`, path });
    return { packages: packagesOf(document, deviation) };
  },
};

function isPackage(item: unknown): boolean {
  return ['target', 'host', 'rootfs'].includes(String(asFields(item).type));
}

/** Why some are listed, and not matched. */
const NOT_INSTALLED: Readonly<Record<string, string>> = {
  host: 'it is used to build, and is not installed',
  rootfs: 'it is the image, not a package in it',
};

function notInstalled(type: string): string | undefined {
  return Object.hasOwn(NOT_INSTALLED, type) ? NOT_INSTALLED[type] : undefined;
}

function* packagesOf(
  document: JsonFields,
  deviation: (place: string, what: string) => void,
): Generator<DocumentPackage> {
  for (const [key, value] of Object.entries(document)) {
    const item = asFields(value);
    const [type, cpe] = [asText(item.type) ?? '', asText(item['cpe-id'])];
    const listed = documentPackage(
      {
        name: type === 'host' || item.name === undefined ? key : (asText(item.name) ?? key),
        version: versionOf(item, key, deviation),
        cpes: cpe === undefined ? [] : [cpe],
      },
      (what) => deviation(key, what),
    );
    const statements = statementsOf(item);
    const filtered = item.virtual === true ? 'it is a virtual package, that others stand for' : notInstalled(type);
    yield {
      ...listed,
      ...(statements.length > 0 && { statements }),
      ...(filtered !== undefined && { filtered }),
    };
  }
}

/** A kernel or bootloader may be "custom": its real version is then in the configuration, not here. */
function versionOf(item: JsonFields, key: string, deviation: (place: string, what: string) => void): string {
  const version = asText(item.version) ?? '';
  if (version !== 'custom') return version;
  deviation(`${key}.version`, 'is "custom": which version that is, only the configuration of Buildroot says');
  return '';
}

/** A patch mends what its name says: the last CVE of `0012-netstat-sanitize-argv0-for-p-CVE-2024-58251.patch`. */
function statementsOf(item: JsonFields): readonly VulnerabilityStatement[] {
  const patched = asTexts(item.patches).flatMap((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const id = name.match(/CVE-\d{4}-\d{4,}/gi)?.at(-1);
    return id === undefined ? [] : [{ id: id.toUpperCase(), name }];
  });
  return withoutRepeats([
    ...asTexts(item.ignore_cves).map(
      (vulnerabilityId) => ({ vulnerabilityId, kind: 'ignored', source: 'buildroot ignore_cves' }) as const,
    ),
    ...patched.map(
      ({ id, name }) => ({ vulnerabilityId: id, kind: 'patched', detail: name, source: 'buildroot patches' }) as const,
    ),
  ]);
}
