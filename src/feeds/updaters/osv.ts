import { ScannerError } from '../../model/errors.ts';
import { bufferSource, openFileSource } from '../../platform/archives/byte-source.ts';
import { zipEntries } from '../../platform/archives/zip.ts';
import { fetchOsv, isArchive, isIndex } from '../osv-archives.ts';
import { osvCoverage } from '../osv-ecosystems.ts';
import { recordsOf } from '../osv-records.ts';
import type { FeedPart } from '../record.ts';
import { readOsvRecord } from '../schemas/osv.ts';
import type { FeedDocument, ParseContext, Updater } from '../updater.ts';

/**
 * OSV's collection: GitHub's and the ecosystems' own advisories on language packages, AlmaLinux's and Rocky Linux's errata, and
 * Red Hat's as a stopgap where `rhel` has none; with them, and from `GIT` and `OSS-Fuzz`, which commits of repositories are affected.
 * A part is an id within an ecosystem (`npm/GHSA-…`), as OSV's own index names it: an id that several ecosystems hold is a part of
 * each, with what it says of that ecosystem's packages.
 * Source: https://google.github.io/osv.dev/data/
 */
export const osvUpdater: Updater = {
  name: 'osv',
  title: 'OSV: language packages, AlmaLinux, Rocky Linux',
  homepage: 'https://osv.dev/',
  licence: 'CC-BY 4.0 (GHSA, PyPA, Go, Red Hat), CC0-1.0 (RustSec), MIT (AlmaLinux); by record',
  version: 3,
  fullReadSeconds: 15,
  covers: osvCoverage,
  fetch: fetchOsv,

  async *parse(document, context) {
    if (isIndex(document.name)) return;
    const ecosystem = document.name.slice(0, document.name.indexOf('/'));
    if (isArchive(document.name)) yield* parseArchive(document, ecosystem, context);
    else yield* partOf(await document.body.bytes(), document.name, ecosystem, context);
  },
};

async function* parseArchive(
  { name, body }: FeedDocument,
  ecosystem: string,
  context: ParseContext,
): AsyncGenerator<FeedPart> {
  const oncePerEcosystem = reportOnce(context);
  try {
    await using file = body.file === undefined ? undefined : await openFileSource(body.file);
    for await (const entry of zipEntries(file ?? bufferSource(await body.bytes()))) {
      if (entry.name.endsWith('.json')) {
        yield* partOf(entry.bytes(), `${name}/${entry.name}`, ecosystem, oncePerEcosystem);
      }
    }
  } catch (cause) {
    if (!(cause instanceof ScannerError) || !cause.code.startsWith('archive.')) throw cause;
    const code = cause.code === 'archive.limit-exceeded' ? 'feed.limit-exceeded' : 'feed.malformed';
    throw new ScannerError(code, `${name}: ${cause.message}`, { document: name }, { cause });
  }
}

function* partOf(bytes: Buffer, path: string, ecosystem: string, { problem }: ParseContext): Generator<FeedPart> {
  const osv = readOsvRecord(readJson(bytes));
  if (!osv) {
    problem({ code: 'updater.incomplete-entry', message: `no OSV record: ${bytes.toString('utf8', 0, 80)}`, path });
    return;
  }
  const records = recordsOf(osv, { ecosystem, problem: (found) => problem({ ...found, path }) });
  yield { part: `${ecosystem}/${osv.id}`, revision: osv.modified, records };
}

/** One bad file of an archive is a problem; its neighbours are whole. */
function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Ecosystems that we cannot place are told once each, not for each of their thousand packages. */
function reportOnce({ problem }: ParseContext): ParseContext {
  const told = new Set<string>();
  return {
    problem: (found) => {
      if (found.code === 'updater.unknown-ecosystem' && told.has(found.message)) return;
      told.add(found.message);
      problem(found);
    },
  };
}
