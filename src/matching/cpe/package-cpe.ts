import { ANY, type CpeName, formatCpe, NA, parseCpe, textOfWord, wordOfText } from '../../documents/cpe.ts';
import type { ProofIdentity } from '../../model/match.ts';
import type { Package } from '../../model/package.ts';
import { joinUpdate, type ProductVersion, readProductVersion } from './product-version.ts';

/** A CPE under which a package is looked up. */
export interface PackageCpe {
  readonly name: CpeName;
  /** Its formatted string. */
  readonly text: string;
  /** With its update, `9.11.3-p1`; `` where neither the CPE nor the package states one. */
  readonly version: ProductVersion;
  /** The same without the update. */
  readonly withoutUpdate: ProductVersion;
  /** Whether the inventory names it; else it follows from the package's name. */
  readonly isStated: boolean;
  /** What the package is made for, as its ecosystem says: `node.js`; undefined where nothing says. */
  readonly targetSoftware: string | undefined;
}

/** NVD's word for the software that an ecosystem's packages are made for. */
const TARGET_SOFTWARE: Readonly<Record<string, string>> = {
  npm: 'node.js',
  pypi: 'python',
  gem: 'ruby',
  cargo: 'rust',
  golang: 'go',
  composer: 'php',
  nuget: '.net',
  hex: 'elixir',
  pub: 'dart',
  swift: 'swift',
  maven: 'java',
};

type IdentifiedPackage = Pick<Package, 'name' | 'version' | 'type' | 'cpes'>;

/** The CPEs that the inventory names for a package; what is no CPE, or names no product, is left out. */
export function statedCpes(installed: IdentifiedPackage): readonly PackageCpe[] {
  return (installed.cpes ?? []).flatMap((text) => {
    const name = parseCpe(text);
    return name === undefined || name.product === ANY || name.product === NA ? [] : [packageCpe(name, installed, true)];
  });
}

/** The CPE of a package for which the inventory names none: a product of the last part of its name, of any vendor. */
export function guessedCpe(installed: IdentifiedPackage): PackageCpe | undefined {
  const product = wordOfText(installed.name.split(/[/:]/).at(-1) ?? '');
  if (product === ANY) return undefined;
  const rest = { update: ANY, edition: ANY, language: ANY, swEdition: ANY, targetSw: ANY, targetHw: ANY, other: ANY };
  return packageCpe({ part: 'a', vendor: ANY, product, version: ANY, ...rest }, installed, false);
}

/** The CPE of a proof's identity, to be judged once more; undefined where its name is no CPE. */
export function cpeOfIdentity({
  name: text,
  version,
  confidence,
  targetSoftware,
}: ProofIdentity): PackageCpe | undefined {
  const name = parseCpe(text);
  if (!name) return undefined;
  const update = textOfWord(name.version) === undefined ? undefined : textOfWord(name.update);
  const suffix = update === undefined ? '' : `-${update}`;
  return {
    name,
    text,
    version: readProductVersion(version),
    withoutUpdate: readProductVersion(
      version.endsWith(suffix) ? version.slice(0, version.length - suffix.length) : version,
    ),
    isStated: confidence !== 'guessed',
    targetSoftware,
  };
}

function packageCpe(name: CpeName, { version: own, type }: IdentifiedPackage, isStated: boolean): PackageCpe {
  const stated = textOfWord(name.version);
  const update = stated === undefined ? undefined : textOfWord(name.update);
  const version = stated ?? own;
  return {
    name,
    text: formatCpe(name),
    version: readProductVersion(joinUpdate(version, update)),
    withoutUpdate: readProductVersion(version),
    isStated,
    targetSoftware: Object.hasOwn(TARGET_SOFTWARE, type) ? TARGET_SOFTWARE[type] : undefined,
  };
}
