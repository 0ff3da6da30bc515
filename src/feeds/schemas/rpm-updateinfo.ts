import { readXml, type XmlHandler } from '../../documents/xml.ts';

/** One `<update>` of an rpm repository's `updateinfo.xml`: an erratum. Words as written. */
export interface RpmUpdate {
  /** e.g. `ALAS2023-2023-001`. */
  readonly id: string;
  /** `security`, `bugfix` … */
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly severity: string;
  readonly issued?: string;
  readonly updated?: string;
  readonly references: readonly { readonly kind: string; readonly id: string; readonly url: string }[];
  readonly packages: readonly RpmUpdatePackage[];
}

/** A package that an update brings; its version as `[epoch:]version-release`, without an epoch of 0. */
export interface RpmUpdatePackage {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
}

/**
 * Reads the updates of an `updateinfo.xml` one by one.
 *
 * @throws ScannerError `feed.malformed`.
 * Source: the updateinfo of createrepo_c, https://rpm-software-management.github.io/createrepo_c/c/group__updateinfo.html
 */
export function readRpmUpdates(chunks: AsyncIterable<Buffer>): AsyncGenerator<RpmUpdate> {
  return readXml(chunks, new UpdateBuilder(), 'updateinfo');
}

type Draft = { -readonly [Key in keyof RpmUpdate]: RpmUpdate[Key] } & {
  references: RpmUpdate['references'][number][];
  packages: RpmUpdatePackage[];
};
type TextField = 'id' | 'title' | 'description' | 'severity';
const TEXT_FIELDS: ReadonlySet<string> = new Set(['id', 'title', 'description', 'severity'] satisfies TextField[]);

class UpdateBuilder implements XmlHandler<RpmUpdate> {
  isDone = false;
  #finished: RpmUpdate[] = [];
  #draft: Draft | undefined;
  #text: string | undefined;

  take(): readonly RpmUpdate[] {
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'update') {
      const texts = { id: '', title: '', description: '', severity: '' };
      this.#draft = { ...texts, kind: attributes.type ?? '', references: [], packages: [] };
      return;
    }
    const draft = this.#draft;
    if (!draft) return;
    if (TEXT_FIELDS.has(name)) this.#text = '';
    else if (name === 'issued' || name === 'updated') {
      if (attributes.date) draft[name] = attributes.date;
    } else if (name === 'reference') {
      const { type: kind = '', id = '', href: url = '' } = attributes;
      draft.references.push({ kind, id, url });
    } else if (name === 'package') {
      const { name: packageName = '', epoch = '0', version = '', release = '', arch = '' } = attributes;
      const prefix = epoch === '0' || epoch === '' ? '' : `${epoch}:`;
      draft.packages.push({ name: packageName, version: version && `${prefix}${version}-${release}`, arch });
    }
  }

  text(text: string): void {
    if (this.#text !== undefined) this.#text += text;
  }

  close(name: string): void {
    if (name === 'updates') this.isDone = true;
    if (!this.#draft) return;
    if (name === 'update') {
      this.#finished.push(this.#draft);
      this.#draft = undefined;
    } else if (this.#text !== undefined && TEXT_FIELDS.has(name)) {
      this.#draft[name as TextField] = this.#text.trim();
      this.#text = undefined;
    }
  }
}
