import { ANY, parseCpe, textOfWord } from '../../documents/cpe.ts';
import { SCHEME_BY_OS_TYPE } from '../../documents/write-purl.ts';
import type { CpeCriteria } from '../../model/cpe-configuration.ts';
import type { Package } from '../../model/package.ts';
import { judgeCriterion } from './judge-criterion.ts';
import { type PackageCpe, statedCpes } from './package-cpe.ts';

/** Whether what a criterion names is in the inventory. */
export type Presence = 'present' | 'absent' | 'unknown';

/** Vendors of operating systems that are not Linux, and products of others. */
const OTHER_SYSTEMS =
  /^(?:microsoft|apple|freebsd|netbsd|openbsd|dragonflybsd|cisco|juniper|vmware|paloaltonetworks|fortinet|blackberry|mikrotik):|:(?:solaris|sunos|opensolaris|aix|hp-ux|hpux|irix|tru64|z\\\/os|os_400|netware|unixware|openserver|windows|mac_os|mac_os_x|macos|android)$/;

/** The rest of an inventory, as configurations ask for it ("running on", several products at once). */
export class Surroundings {
  readonly #packages: readonly Package[];
  #products: ReadonlyMap<string, readonly PackageCpe[]> | undefined;
  #names: ReadonlySet<string> | undefined;
  #isLinux: boolean | undefined;

  constructor(packages: readonly Package[]) {
    this.#packages = packages;
  }

  /**
   * Whether what a criterion names is there. A product of which the inventory has another version is absent; an operating system of
   * another kind than the inventory's too. Of other systems, of hardware, and of software that only has to be there for the flaw to
   * matter, inventories may be silent: these are unknown.
   */
  presenceOf(criterion: CpeCriteria): Presence {
    const name = parseCpe(criterion.criteria);
    if (!name) return 'unknown';
    const verdicts = (this.#productsByName().get(name.product) ?? [])
      .map((cpe) => judgeCriterion(criterion, cpe))
      .filter((verdict) => verdict !== undefined && verdict.confidence !== 'product');
    if (verdicts.some((verdict) => verdict?.comparison.outcome === 'affected')) return 'present';
    if (verdicts.length > 0) return 'absent';
    if (name.part === 'o')
      return this.#hasLinux() && OTHER_SYSTEMS.test(`${name.vendor}:${name.product}`) ? 'absent' : 'unknown';
    if (name.part === 'h' || !criterion.vulnerable) return 'unknown';
    return this.#hasName(textOfWord(name.product) ?? '') ? 'unknown' : 'absent';
  }

  #productsByName(): ReadonlyMap<string, readonly PackageCpe[]> {
    this.#products ??= Map.groupBy(
      this.#packages.flatMap((installed) => statedCpes(installed)),
      ({ name }) => name.product,
    );
    return this.#products;
  }

  #hasLinux(): boolean {
    this.#isLinux ??=
      this.#productsByName().has('linux_kernel') ||
      this.#packages.some(({ type }) => Object.hasOwn(SCHEME_BY_OS_TYPE, type));
    return this.#isLinux;
  }

  /** Whether a package goes by a product's name: it may be that product, though no CPE says so. */
  #hasName(product: string): boolean {
    this.#names ??= new Set(this.#packages.map(({ name }) => plainName(name.split(/[/:]/).at(-1) ?? ANY)));
    return this.#names.has(plainName(product));
  }
}

const plainName = (name: string): string => name.toLowerCase().replace(/[\s._-]+/g, '-');
