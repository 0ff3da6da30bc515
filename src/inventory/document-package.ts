import { packageOfPurl, parsePurl } from '../documents/purl.ts';
import { familyOf } from '../model/namespace.ts';
import type { DocumentPackage } from './reader.ts';

/** What most formats say of a package. */
export interface StatedPackage {
  /** `` where none is stated. */
  readonly name: string;
  readonly version?: string | undefined;
  readonly purl?: string | undefined;
  /** CPE names, 2.2 or 2.3; repeats count once. */
  readonly cpes?: readonly string[] | undefined;
}

/** Names a fault of one package. */
export type ReportFault = (what: string) => void;

/** Packages that nothing gives a type have this one; as in purls. */
export const UNTYPED = 'generic';

/**
 * The package of a component: what its purl says, else its name and version alone, which then belong to no namespace.
 *
 * Its version is the component's own where the purl states none. A purl or CPE that is none is a fault, and counts as absent.
 */
export function documentPackage(
  { name, version, purl, cpes = [] }: StatedPackage,
  fault: ReportFault,
): DocumentPackage {
  const named = cpesOf(cpes, fault);
  const facts = named.length > 0 ? { cpes: named } : {};
  const parsed = purl === undefined ? undefined : parsePurl(purl);
  if (purl !== undefined && parsed === undefined)
    fault(`${JSON.stringify(purl.slice(0, MAX_QUOTED))} is no package URL`);
  if (parsed === undefined) {
    if (name === '') fault('has neither name nor package URL');
    return { name, version: version ?? '', versionScheme: UNTYPED, type: UNTYPED, ...facts };
  }
  const listed = packageOfPurl(parsed);
  return { ...listed, version: listed.version || (version ?? ''), purl: purl!, ...facts };
}

/** How much of a stranger's text a message quotes. */
const MAX_QUOTED = 80;

function cpesOf(cpes: readonly string[], fault: ReportFault): readonly string[] {
  if (cpes.length === 0) return cpes;
  return [...new Set(cpes)].filter((cpe) => {
    if (/^cpe:(2\.3:|\/)/.test(cpe)) return true;
    fault(`${JSON.stringify(cpe.slice(0, MAX_QUOTED))} is no CPE`);
    return false;
  });
}

/**
 * Whether a package may belong to a release that its document names: it is of that family's kind, and its purl names no other
 * vendor.
 */
export function mayBelongTo(
  namespace: string,
  { versionScheme, purl }: DocumentPackage,
  schemeOfRelease: string,
): boolean {
  if (versionScheme !== schemeOfRelease) return false;
  const vendor = purl === undefined ? undefined : /^pkg:[a-z]+\/([^/@?]+)\//.exec(purl)?.[1];
  if (vendor === undefined) return true;
  const family = familyOf(namespace);
  const words = Object.hasOwn(VENDORS, family) ? VENDORS[family]! : [];
  return vendor === family || words.includes(vendor) || !KNOWN_VENDORS.has(vendor);
}

/** Words for a family in purls, beside its own. */
const VENDORS: Readonly<Record<string, readonly string[]>> = {
  rhel: ['redhat'],
  sles: ['suse'],
  opensuse: ['opensuse-leap', 'opensuse-tumbleweed', 'suse'],
  amzn: ['amazon', 'amazonlinux'],
  oracle: ['ol', 'oraclelinux'],
  azurelinux: ['mariner', 'cbl-mariner'],
  almalinux: ['alma'],
  rocky: ['rockylinux'],
};

const KNOWN_VENDORS: ReadonlySet<string> = new Set([
  ...['debian', 'ubuntu', 'alpine', 'wolfi', 'chainguard', 'arch', 'fedora', 'centos', 'photon'],
  ...Object.entries(VENDORS).flatMap(([family, words]) => [family, ...words]),
]);
