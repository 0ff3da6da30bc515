import { ScannerError } from '../../model/errors.ts';
import { StreamInput } from '../../platform/archives/byte-input.ts';
import { readTar, type TarEntry } from '../../platform/archives/tar-reader.ts';
import type { OsvPlace } from '../osv-ecosystems.ts';
import { recordsOf } from '../osv-records.ts';
import type { FeedPart } from '../record.ts';
import { readOsvRecord } from '../schemas/osv.ts';
import type { Coverage, FeedDocument, ParseContext, Updater } from '../updater.ts';

const ARCHIVE = 'https://ftp.suse.com/pub/projects/security/osv.tar.bz2';
const DOCUMENT = 'osv.tar';

/** The largest errata (of a kernel) have some 10 MB. */
const MAX_RECORD_BYTES = 64 << 20;
const MAX_ARCHIVE_BYTES = 32 * 1024 ** 3;

/**
 * SUSE's errata in the form of OSV: one archive of all, replaced whole; a part is an erratum. They speak of source packages, and of
 * flaws that have a fix only: what SUSE knows and has not mended yet stands in its VEX documents, which are a hundred times as much.
 * Source: https://www.suse.com/support/security/, https://ossf.github.io/osv-schema/
 */
export const suseUpdater: Updater = {
  name: 'suse',
  aliases: ['sles', 'opensuse'],
  title: 'SUSE and openSUSE errata (OSV)',
  homepage: 'https://www.suse.com/support/security/',
  licence: 'none stated; copyright SUSE LLC',
  version: 1,
  fullReadSeconds: 30,
  covers: (namespace) => COVERAGE.get(namespace),

  async *fetch({ http, previous }) {
    const answer = await http.get(ARCHIVE, { ifRevision: previous.revisionOf(DOCUMENT), maxBytes: MAX_ARCHIVE_BYTES });
    if (!answer) yield { kind: 'unchanged', name: DOCUMENT };
    else yield { kind: 'document', document: { name: DOCUMENT, revision: answer.revision, body: answer.body } };
  },

  async *parse(document, context) {
    const ids = new Set<string>();
    for await (const part of readArchive(document, context)) {
      if (ids.has(part.part)) {
        const message = `${part.part} comes again; the first counts`;
        context.problem({ code: 'updater.repeated-entry', message, path: document.name });
      } else yield part;
      ids.add(part.part);
    }
    if (ids.size === 0)
      throw new ScannerError('feed.malformed', `${document.name} has no errata`, { document: document.name });
  },
};

async function* readArchive({ name, body }: FeedDocument, context: ParseContext): AsyncGenerator<FeedPart> {
  try {
    for await (const entry of readTar(new StreamInput(body.stream()))) {
      // `all.json` is a list of ids.
      if (entry.type !== 'file' || !entry.path.endsWith('.json') || entry.path.endsWith('all.json')) continue;
      const part = readEntry(entry.path, await bytesOf(entry), context);
      if (part) yield part;
    }
  } catch (cause) {
    if (!(cause instanceof ScannerError) || !cause.code.startsWith('archive.')) throw cause;
    throw new ScannerError('feed.malformed', `${name}: ${cause.message}`, { document: name }, { cause });
  }
}

async function bytesOf(entry: TarEntry): Promise<Buffer> {
  if (entry.sizeBytes > MAX_RECORD_BYTES) {
    const message = `${entry.path} has ${entry.sizeBytes} bytes, more than maxRecordBytes = ${MAX_RECORD_BYTES}`;
    throw new ScannerError('feed.limit-exceeded', message, { maxRecordBytes: MAX_RECORD_BYTES });
  }
  const chunks: Buffer[] = [];
  for await (const chunk of entry.body()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function readEntry(path: string, bytes: Buffer, { problem }: ParseContext): FeedPart | undefined {
  const osv = readOsvRecord(readJson(bytes));
  if (!osv) {
    problem({ code: 'updater.incomplete-entry', message: `no OSV record: ${bytes.toString('utf8', 0, 80)}`, path });
    return undefined;
  }
  const placement = { placeOf, packageKind: 'source', problem: () => {} } as const;
  return { part: osv.id, revision: osv.modified, records: recordsOf(osv, placement) };
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * The release of a product: `SUSE:Linux Enterprise Module for Basesystem 15 SP3`, `SUSE:Linux Enterprise Server 12 SP5-LTSS`,
 * `openSUSE:Leap 15.6`. Products that are no release (`SUSE:Manager Proxy 4.2`) are built on one, and have their own packages.
 */
function placeOf(ecosystem: string): OsvPlace | 'ignored' {
  const product = ecosystem.slice(ecosystem.indexOf(':') + 1);
  const [, micro] = /^Linux (?:Enterprise )?Micro (\d+\.\d+)/.exec(product) ?? [];
  if (micro) return { namespace: `${Number(micro) < 6 ? 'sle-micro' : 'sl-micro'}:${micro}` };
  const [, release, servicePack] =
    /^Linux Enterprise .*?\b(\d+(?:\.\d+)?)(?: SP(\d+))?(?:[ -].*)?$/.exec(product) ?? [];
  if (release) return { namespace: `sles:${release}${servicePack ? `.${servicePack}` : ''}` };
  const [, leap] = /^(?:openSUSE )?Leap (\d+\.\d+)/.exec(product) ?? [];
  if (leap) return { namespace: `opensuse:${leap}` };
  return /^(?:openSUSE )?Tumbleweed$/.test(product) ? { namespace: 'opensuse:tumbleweed' } : 'ignored';
}

/** Last day of general support. Source: https://www.suse.com/lifecycle, https://en.opensuse.org/Lifetime */
const COVERAGE: ReadonlyMap<string, Coverage> = new Map<string, Coverage>([
  ['opensuse:tumbleweed', {}],
  ...(
    [
      ['sles:12.5', '2024-10-31'],
      ['sles:15', '2019-12-31'],
      ['sles:15.1', '2021-01-31'],
      ['sles:15.2', '2021-12-31'],
      ['sles:15.3', '2022-12-31'],
      ['sles:15.4', '2023-12-31'],
      ['sles:15.5', '2024-12-31'],
      ['sles:15.6', '2025-12-31'],
      ['sles:15.7', '2031-07-31'],
      ['sles:16.0', '2027-11-30'],
      ['opensuse:15.3', '2022-12-31'],
      ['opensuse:15.4', '2023-12-07'],
      ['opensuse:15.5', '2024-12-31'],
      ['opensuse:15.6', '2026-04-30'],
      ['opensuse:16.0', '2027-10-31'],
    ] as const
  ).map(([namespace, until]) => [namespace, { until }] as const),
]);
