import { ScannerError } from '../../model/errors.ts';
import {
  beginOwnWrite,
  findOwnRow,
  isNamedNamespace,
  nameNamespace,
  type OwnFixedIn,
  type OwnRow,
  ownNamesAmong,
  ownRowsOf,
  putOwnRow,
  removeOwnRow,
} from '../../state/own-rows.ts';
import type { State, WriteTransaction } from '../../state/state.ts';
import { encodeClair } from '../../wire/clair-v1/encode.ts';
import { clairNamespaceOf, versionFormatOfNamespace } from '../../wire/clair-v1/project-namespace.ts';
import type { ClairFeature, ClairVulnerability } from '../../wire/clair-v1/types.ts';
import type {
  OnVulnerabilityChange,
  Vulnerabilities,
  VulnerabilityChange,
  VulnerabilityName,
} from '../dependencies.ts';
import type { FeedFacts } from '../vulnerabilities/feed-facts.ts';
import type { FeedRow } from '../vulnerabilities/feed-view.ts';
import {
  checkFix,
  checkVulnerability,
  fixedInOf,
  fixesOf,
  mergeFixes,
  NOT_AFFECTED,
} from '../vulnerabilities/own-vulnerability.ts';

/** Where own rows stand in a list: behind those of feeds, whose places are below. */
const OWN_PLACES = 2 ** 52;

/** Rows of a page, whatever is asked for. */
export const MAX_PAGE_ROWS = 10_000;

export interface VulnerabilitiesOptions {
  readonly state: State;
  readonly feeds: FeedFacts;
  /** Default: nobody is told. */
  readonly changed?: OnVulnerabilityChange;
}

/** What a change makes of what is said; undefined: there is none any more. */
type Revise = (known: ClairVulnerability | undefined) => ClairVulnerability | undefined;

interface ListRow {
  readonly place: number;
  readonly vulnerability: ClairVulnerability;
}

/** Vulnerabilities as feeds and users state them: of whatever users said once, they have the word. */
export class MergedVulnerabilities implements Vulnerabilities {
  readonly #state: State;
  readonly #feeds: FeedFacts;
  readonly #changed: OnVulnerabilityChange;

  constructor({ state, feeds, changed = async () => {} }: VulnerabilitiesOptions) {
    this.#state = state;
    this.#feeds = feeds;
    this.#changed = changed;
  }

  async list(
    namespaceName: string,
    { limit, from = 0 }: Parameters<Vulnerabilities['list']>[1],
  ): ReturnType<Vulnerabilities['list']> {
    const namespace = clairNamespaceOf(namespaceName);
    if (!this.#feeds.knows(namespace) && !(await isNamedNamespace(this.#state.db, namespace))) throw notFound();
    const count = Math.min(limit, MAX_PAGE_ROWS);
    // One more than is shown says where the next page begins.
    const rows = await this.#rows(namespace, { from, limit: count + 1 });
    const next = rows[count]?.place;
    const vulnerabilities = rows.slice(0, count).map((row) => withoutFixedIn(row.vulnerability));
    return { vulnerabilities, ...(next !== undefined && { next }) };
  }

  async #rows(
    namespace: string,
    { from, limit }: { readonly from: number; readonly limit: number },
  ): Promise<ListRow[]> {
    const rows: ListRow[] = [];
    for (let place = from; place < OWN_PLACES && rows.length < limit; ) {
      const page = await this.#feeds.list(namespace, { from: place, limit: limit - rows.length });
      rows.push(...(await this.#unmasked(namespace, page)));
      if (page.length === 0) break;
      place = page.at(-1)!.place + 1;
    }
    const revision = Math.max(0, from - OWN_PLACES);
    const own = await ownRowsOf(this.#state.db, namespace, { from: revision, limit: limit - rows.length });
    return [...rows, ...own.map((row) => ({ place: OWN_PLACES + row.revision, vulnerability: bodyOf(row) }))];
  }

  async #unmasked(namespace: string, page: readonly FeedRow[]): Promise<readonly FeedRow[]> {
    const names = page.map(({ vulnerability }) => vulnerability.Name ?? '');
    const masked = new Set((await ownNamesAmong(this.#state.db, namespace, names)).map(({ name }) => name));
    return page.filter((_, index) => !masked.has(names[index]!));
  }

  async get(which: VulnerabilityName, { fixedIn }: { readonly fixedIn: boolean }): Promise<ClairVulnerability> {
    const found = await this.#find(which);
    return fixedIn ? found : withoutFixedIn(found);
  }

  async listFixes(which: VulnerabilityName): Promise<readonly ClairFeature[]> {
    return (await this.#find(which)).FixedIn ?? [];
  }

  /** @throws ScannerError `resource.not-found`. */
  async #find(which: VulnerabilityName): Promise<ClairVulnerability> {
    const name = { ...which, namespace: clairNamespaceOf(which.namespace) };
    const own = await findOwnRow(this.#state.db, name.namespace, name.name);
    const found = own ? saidBy(own) : await this.#feeds.find(name);
    if (found === undefined) throw notFound();
    return found;
  }

  async post(vulnerability: ClairVulnerability): Promise<void> {
    const stated = checkVulnerability(vulnerability);
    const { namespace, body, fixedIn } = stated;
    await this.#revise(stated, (known) => withFixes(body, mergeFixes(known ? fixesOf(known) : [], fixedIn), namespace));
  }

  async put({ namespace, name }: VulnerabilityName, vulnerability: ClairVulnerability): Promise<void> {
    const { FixedIn: _, ...rest } = vulnerability;
    const stated = checkVulnerability({ ...rest, NamespaceName: namespace, Name: name });
    await this.#revise(stated, (known) =>
      withFixes(stated.body, mergeFixes(known ? fixesOf(known) : [], []), stated.namespace),
    );
  }

  delete(which: VulnerabilityName): Promise<void> {
    return this.#revise(which, (known) => {
      if (known === undefined) throw notFound();
      return undefined;
    });
  }

  putFix(which: VulnerabilityName, fix: ClairFeature): Promise<void> {
    return this.#mergeFix(which, checkFix(fix, clairNamespaceOf(which.namespace)));
  }

  deleteFix(which: VulnerabilityName, feature: string): Promise<void> {
    return this.#mergeFix(which, { feature, version: NOT_AFFECTED });
  }

  #mergeFix(which: VulnerabilityName, fix: OwnFixedIn): Promise<void> {
    return this.#revise(which, (known) => {
      if (known === undefined) throw notFound();
      const { FixedIn: _, ...body } = known;
      return withFixes(body, mergeFixes(fixesOf(known), [fix]), clairNamespaceOf(which.namespace));
    });
  }

  async reset({ namespace: named, name }: VulnerabilityName): Promise<void> {
    const namespace = clairNamespaceOf(named);
    const fed = await this.#feeds.find({ namespace, name });
    await this.#state.write(async (tx) => {
      await beginOwnWrite(tx);
      const own = await findOwnRow(tx, namespace, name);
      if (own === undefined) throw notFound();
      await removeOwnRow(tx, own);
      await this.#tell(tx, { namespace, name }, { old: saidBy(own), new: fed });
    });
  }

  /** Changes what users say. A change that changes nothing leaves no trace. */
  async #revise({ namespace: named, name }: VulnerabilityName, revise: Revise): Promise<void> {
    const which = { namespace: clairNamespaceOf(named), name };
    // Asked before: a transaction waits for nothing but the database.
    const fed = await this.#feeds.find(which);
    await this.#state.write(async (tx) => {
      await beginOwnWrite(tx);
      const own = await findOwnRow(tx, which.namespace, name);
      const old = own ? saidBy(own) : fed;
      const next = revise(old);
      if (isSame(old, next)) return;
      if (own) await removeOwnRow(tx, own);
      else await nameNamespace(tx, which.namespace, versionFormatOfNamespace(which.namespace));
      // What no feed says needs no word against it.
      if (next !== undefined || fed !== undefined) await putOwnRow(tx, rowOf(which, next));
      await this.#tell(tx, which, { old, new: next });
    });
  }

  async #tell(
    tx: WriteTransaction,
    which: VulnerabilityName,
    { old, new: next }: { readonly old: ClairVulnerability | undefined; readonly new: ClairVulnerability | undefined },
  ): Promise<void> {
    if (isSame(old, next)) return;
    const change: VulnerabilityChange = { ...which, ...(old && { old }), ...(next && { new: next }) };
    await this.#changed(tx, change);
  }
}

function rowOf({ namespace, name }: VulnerabilityName, vulnerability: ClairVulnerability | undefined) {
  const isTombstone = vulnerability === undefined;
  const body = JSON.stringify(vulnerability ?? {});
  return { namespace, name, isTombstone, body, fixedIn: vulnerability ? fixesOf(vulnerability) : [] };
}

function bodyOf({ body }: OwnRow): ClairVulnerability {
  return JSON.parse(body) as ClairVulnerability;
}

function saidBy(own: OwnRow): ClairVulnerability | undefined {
  return own.isTombstone ? undefined : bodyOf(own);
}

function withFixes(body: ClairVulnerability, fixes: readonly OwnFixedIn[], namespace: string): ClairVulnerability {
  return { ...body, ...(fixes.length > 0 && { FixedIn: fixedInOf(fixes, namespace) }) };
}

function withoutFixedIn({ FixedIn: _, ...vulnerability }: ClairVulnerability): ClairVulnerability {
  return vulnerability;
}

/** As clients see them: what is empty counts as absent, and maps have no order. */
function isSame(a: ClairVulnerability | undefined, b: ClairVulnerability | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return encodeClair({ Vulnerability: a }) === encodeClair({ Vulnerability: b });
}

function notFound(): ScannerError {
  return new ScannerError('resource.not-found', 'there is no such vulnerability or namespace');
}
