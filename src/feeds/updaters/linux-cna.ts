import { ScannerError } from '../../model/errors.ts';
import { memoryBody } from '../document-body.ts';
import type { FeedRecord } from '../record.ts';
import { type LinuxCnaRecord, readCommitIds, readDyad, readLinuxCnaRecord } from '../schemas/linux-cna.ts';
import type { FeedDocument, GitRepository, Updater } from '../updater.ts';

const REPOSITORY = 'https://git.kernel.org/pub/scm/linux/security/vulns.git';

/** `cve/testing` and `cve/reserved` hold no statements. What a record says of its state does not count, its folder does. */
const FOLDERS = ['cve/published', 'cve/rejected'];

/** Files of a CVE that are read, in the order in which a document holds them. */
const KINDS = ['json', 'dyad', 'sha1'] as const;

type Kind = (typeof KINDS)[number];

/**
 * The CVE team of the Linux kernel: a git repository with some files a CVE, which make one document and one part. Beside the record
 * lies `.dyad`: which commits brought the flaw and which mended it, on each stable branch.
 */
export const linuxCnaUpdater: Updater = {
  name: 'linux_cna',
  title: 'CVEs of the Linux kernel, by its CVE team',
  homepage: 'https://docs.kernel.org/process/cve.html',
  licence: 'CVE terms of use',
  version: 1,
  fullReadSeconds: 8,
  isOfKernels: true,
  covers: () => undefined,

  async *fetch({ git, previous, problem }) {
    const repository = await git.open(REPOSITORY, { depth: 1 });
    const changed: CveFiles[] = [];
    for await (const files of listCves(repository)) {
      if (previous.revisionOf(files.name) === files.revision) yield { kind: 'unchanged', name: files.name };
      else changed.push(files);
    }
    for await (const { files, texts } of readAll(repository, changed)) {
      const { name } = files;
      const lost = files.blobs.find((_, index) => texts[index] === undefined);
      if (lost === undefined) yield { kind: 'document', document: documentOf(files, texts as readonly Buffer[]) };
      else {
        const message = `${name}.${lost.kind}: git has lost the blob ${lost.revision}`;
        problem({ code: 'updater.incomplete-entry', message, path: name });
        yield { kind: 'kept', name };
      }
    }
  },

  async *parse({ name, revision, body }, { problem }) {
    const id = name.slice(name.lastIndexOf('/') + 1);
    const texts: Partial<Record<Kind, string>> = JSON.parse(await body.text());
    const record = readLinuxCnaRecord(readJson(texts.json ?? '', name), id);
    if (!record) throw new ScannerError('feed.malformed', `${name}.json is no record of ${id}`, { document: name });
    const groups = readDyad(texts.dyad ?? '');
    if (!groups) problem({ code: 'updater.incomplete-entry', message: `${name}.dyad cannot be read`, path: name });
    const isRejected = name.startsWith('cve/rejected/');
    const kernel: FeedRecord = {
      kind: 'kernel',
      vulnerabilityId: id,
      title: record.title,
      groups: groups ?? [],
      mainlineFixes: readCommitIds(texts.sha1 ?? ''),
      files: record.files,
      ...(isRejected && { isRejected }),
    };
    yield { part: id, revision, records: [kernel, ...recordsOf(id, record, isRejected)] };
  },
};

interface CveFiles {
  /** e.g. `cve/published/2024/CVE-2024-26581`. */
  readonly name: string;
  readonly revision: string;
  readonly blobs: readonly { readonly kind: Kind; readonly revision: string }[];
}

/** The CVEs of the repository; one without a record is none yet. */
async function* listCves(repository: GitRepository): AsyncGenerator<CveFiles> {
  for (const folder of FOLDERS) {
    const blobsByName = new Map<string, Map<string, string>>();
    for (const { path, revision } of await repository.list(folder)) {
      const [, name, kind] = /^(.*\/CVE-\d{4}-\d{4,})\.(\w+)$/.exec(path) ?? [];
      if (name === undefined || kind === undefined) continue;
      const blobs = blobsByName.get(name);
      if (blobs) blobs.set(kind, revision);
      else blobsByName.set(name, new Map([[kind, revision]]));
    }
    for (const [name, byKind] of blobsByName) {
      const blobs = KINDS.flatMap((kind) => {
        const revision = byKind.get(kind);
        return revision === undefined ? [] : [{ kind, revision }];
      });
      if (!byKind.has('json')) continue;
      // 64 bits of each id tell its editions apart.
      yield { name, blobs, revision: blobs.map(({ kind, revision }) => `${kind}:${revision.slice(0, 16)}`).join(' ') };
    }
  }
}

/** The contents of some CVEs through one run of git; undefined for a blob that is lost. */
async function* readAll(repository: GitRepository, all: readonly CveFiles[]) {
  const contents = repository
    .read(all.flatMap(({ blobs }) => blobs.map(({ revision }) => revision)))
    [Symbol.asyncIterator]();
  for (const files of all) {
    const texts: (Buffer | undefined)[] = [];
    for (const _ of files.blobs) texts.push((await contents.next()).value);
    yield { files, texts };
  }
}

function documentOf({ name, revision, blobs }: CveFiles, texts: readonly Buffer[]): FeedDocument {
  const content = Object.fromEntries(blobs.map(({ kind }, index) => [kind, texts[index]!.toString('utf8')]));
  const body = memoryBody(Buffer.from(JSON.stringify(content)), { name, keepCompressed: true });
  return { name, revision, body };
}

function recordsOf(id: string, record: LinuxCnaRecord, isRejected: boolean): FeedRecord[] {
  const { title, description, cvss, references, configurations } = record;
  const vulnerability: FeedRecord = {
    kind: 'vulnerability',
    id,
    ...(title && { summary: title }),
    ...(description && { description }),
    ...(cvss.length > 0 && { cvss }),
    ...(references.length > 0 && { references }),
    // The repository states no day; the flaw's year is a bound from below.
    ...(isRejected && { withdrawn: id.slice(4, 8) }),
  };
  if (isRejected || configurations.length === 0) return [vulnerability];
  return [vulnerability, { kind: 'cpe', vulnerabilityId: id, configurations }];
}

function readJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScannerError('feed.malformed', `${name}.json is not JSON`, { document: name }, { cause });
  }
}
