import type { Advisory, AdvisoryQualifiers } from '../model/advisory.ts';
import type { Package } from '../model/package.ts';

type QualifiedPackage = Pick<Package, 'arch' | 'module' | 'version' | 'versionScheme'>;

/**
 * Whether an advisory speaks of an installed package of its name at all, before any version is compared.
 *
 * @param repositoryCpes CPEs of the repositories that the image was built from; empty where nothing states them, which restricts
 *   nothing.
 */
export function speaksOf(
  advisory: Pick<Advisory, 'qualifiers' | 'affected'>,
  installed: QualifiedPackage,
  repositoryCpes: readonly string[] = [],
): boolean {
  if (installed.versionScheme !== 'rpm') return true;
  const qualifiers = advisory.qualifiers ?? {};
  return (
    coversArch(qualifiers.arches, installed.arch) &&
    coversModule(qualifiers.module, advisory.affected, installed) &&
    coversFlavour(advisory.affected, installed.version) &&
    coversRepository(qualifiers.repositoryCpes, repositoryCpes)
  );
}

/** What a 64-bit repository carries beside its own architecture. */
const CARRIED_BY: Readonly<Record<string, string>> = { i386: 'x86_64', i586: 'x86_64', i686: 'x86_64' };

function coversArch(arches: AdvisoryQualifiers['arches'], arch: string | undefined): boolean {
  if (!arches || arches.length === 0 || !arch || arch === 'noarch') return true;
  return arches.includes(arch) || arches.includes('noarch') || arches.includes(CARRIED_BY[arch] ?? '');
}

/** Releases of modular builds name it: `.module+el8.4.0+2496+12421f43`, AlmaLinux writes `.module_el8…`. */
const MODULAR_RELEASE = /\.module[+_]/;

/**
 * A modular advisory speaks of packages of that stream only, and any other never of modular packages: streams have versions that
 * do not compare (nodejs 12 is not an old nodejs 14). AlmaLinux and Rocky Linux mark the stream in the fixed version alone.
 */
function coversModule(
  module: string | undefined,
  affected: Advisory['affected'],
  installed: Pick<QualifiedPackage, 'module' | 'version'>,
): boolean {
  const installedStream = installed.module === undefined ? undefined : streamOf(installed.module);
  const isModular = installedStream !== undefined || MODULAR_RELEASE.test(installed.version);
  // A modular build that lost its label (some builds have none) may be of any stream: its version decides.
  if (module !== undefined) return isModular && (installedStream === undefined || installedStream === streamOf(module));
  return isModular === affected.some(({ fixed }) => fixed !== undefined && MODULAR_RELEASE.test(fixed));
}

/** `nodejs:14` of `nodejs:14:8040020210817133458:522a0ee4`. */
function streamOf(module: string): string {
  return module.split(':', 2).join(':');
}

/** Oracle's builds with kernel splice or certified cryptography are numbered apart from the plain ones. */
function coversFlavour(affected: Advisory['affected'], version: string): boolean {
  return affected.every(({ fixed }) => fixed === undefined || flavourOf(fixed) === flavourOf(version));
}

function flavourOf(version: string): string {
  return /\.ksplice\d*\./.exec(version)?.[0] ?? /_fips\b/.exec(version)?.[0] ?? '';
}

function coversRepository(named: AdvisoryQualifiers['repositoryCpes'], stated: readonly string[]): boolean {
  if (!named || named.length === 0 || stated.length === 0) return true;
  return named.some((outer) => stated.some((inner) => includesCpe(outer, inner)));
}

/**
 * Whether a product's CPE (`cpe:/o:redhat:enterprise_linux:9`) includes a repository's (`cpe:/a:redhat:enterprise_linux:9::appstream`).
 * An absent or empty component includes all; the first one (operating system or application) tells nothing here.
 */
function includesCpe(outer: string, inner: string): boolean {
  const [wide, narrow] = [componentsOf(outer), componentsOf(inner)];
  return wide.every((component, index) => component === '' || component === '*' || component === narrow[index]);
}

/** Vendor, product, version, update, edition … of a CPE in the URI form. */
function componentsOf(cpe: string): string[] {
  return cpe
    .replace(/^cpe:\//, '')
    .split(':')
    .slice(1);
}
