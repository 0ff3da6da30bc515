import { readXml, type XmlHandler } from '../../documents/xml.ts';

/** One file that an rpm repository's `repomd.xml` lists. */
export interface RepositoryFile {
  /** `updateinfo`, `primary` … */
  readonly kind: string;
  /** Relative to the repository, e.g. `repodata/updateinfo.xml.gz`. */
  readonly path: string;
  /** `<type>:<hex>` of the file as it lies there. */
  readonly checksum: string;
  /** Hex SHA-256 of the decompressed file, where one is stated. */
  readonly contentSha256?: string;
}

/**
 * Reads a `repomd.xml`.
 *
 * @throws ScannerError `feed.malformed`.
 * Source: the repomd of createrepo_c, https://rpm-software-management.github.io/createrepo_c/c/group__repomd.html
 */
export function readRepomd(chunks: AsyncIterable<Buffer>): AsyncGenerator<RepositoryFile> {
  return readXml(chunks, new FileBuilder(), 'repomd');
}

class FileBuilder implements XmlHandler<RepositoryFile> {
  isDone = false;
  #finished: RepositoryFile[] = [];
  #kind = '';
  #path = '';
  #checksumType = '';
  #checksums: Record<string, string> = {};
  #text = '';

  take(): readonly RepositoryFile[] {
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#text = '';
    if (name === 'data') {
      this.#kind = attributes.type ?? '';
      this.#path = '';
      this.#checksums = {};
    } else if (name === 'location') this.#path = attributes.href ?? '';
    else if (name.endsWith('checksum')) this.#checksumType = attributes.type ?? '';
  }

  text(text: string): void {
    this.#text += text;
  }

  close(name: string): void {
    if (name === 'repomd') this.isDone = true;
    else if (name.endsWith('checksum')) this.#checksums[name] = `${this.#checksumType}:${this.#text.trim()}`;
    else if (name === 'data') {
      const contentSha256 = /^sha256:([0-9a-f]{64})$/.exec(this.#checksums['open-checksum'] ?? '')?.[1];
      this.#finished.push({
        kind: this.#kind,
        path: this.#path,
        checksum: this.#checksums.checksum ?? '',
        ...(contentSha256 && { contentSha256 }),
      });
    }
  }
}
