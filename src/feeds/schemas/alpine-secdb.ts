import { ScannerError } from '../../model/errors.ts';

/** A file of the security database of Alpine, Wolfi or Chainguard. */
export interface SecDb {
  /** Alpine's `v3.20` or `edge`; absent where there is one branch only. */
  readonly branch?: string;
  readonly packages: readonly SecDbPackage[];
}

/** What was fixed in one source package, by the version that fixed it. */
export interface SecDbPackage {
  readonly name: string;
  readonly fixes: readonly { readonly version: string; readonly entries: readonly string[] }[];
}

/**
 * Reads `{distroversion, packages:[{pkg:{name, secfixes:{version:[entry]}}}]}`.
 *
 * The publisher writes what is empty as `{}` or null too, wherever a list is meant.
 * @param incomplete takes what is wrong with a part that is left out.
 * @throws ScannerError `feed.malformed` where it is no such file.
 */
export function readSecDb(text: string, document: string, incomplete: (message: string) => void): SecDb {
  const { distroversion: branch, packages } = readObject(text, document);
  const listed = readList(packages);
  if (!listed || packages === undefined)
    throw new ScannerError('feed.malformed', `${document} is no security database`, { document });
  return {
    ...(typeof branch === 'string' && { branch }),
    packages: listed.flatMap((entry) => readPackage(entry, incomplete)),
  };
}

function readObject(text: string, document: string): Record<string, unknown> {
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  if (isObject(value)) return value;
  throw new ScannerError('feed.malformed', `${document} is not a JSON object`, { document }, { cause });
}

function readPackage(entry: unknown, incomplete: (message: string) => void): SecDbPackage[] {
  const pkg = isObject(entry) ? entry.pkg : undefined;
  if (!isObject(pkg) || typeof pkg.name !== 'string' || pkg.name === '') {
    incomplete(`not a package: ${JSON.stringify(entry)?.slice(0, 80)}`);
    return [];
  }
  const { name, secfixes } = pkg;
  if (!isObject(secfixes) && !isEmpty(secfixes)) {
    incomplete(`${name}: not a list of fixes: ${JSON.stringify(secfixes)?.slice(0, 80)}`);
    return [];
  }
  const fixes: SecDbPackage['fixes'][number][] = [];
  for (const [version, stated] of Object.entries(secfixes ?? {})) {
    const entries = readList(stated);
    if (entries?.every((word) => typeof word === 'string')) fixes.push({ version, entries });
    else incomplete(`${name} ${version}: not a list of ids: ${JSON.stringify(stated)?.slice(0, 80)}`);
  }
  return [{ name, fixes }];
}

function readList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return isEmpty(value) ? [] : undefined;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
