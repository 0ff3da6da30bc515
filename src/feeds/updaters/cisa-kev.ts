import { ScannerError } from '../../model/errors.ts';
import type { FeedRecord } from '../record.ts';
import { type KevEntry, readKevCatalog, readKevEntry } from '../schemas/kev.ts';
import type { Updater } from '../updater.ts';

const CATALOG = 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json';

/**
 * CISA's catalogue of vulnerabilities that are exploited, with the day by which US agencies must act.
 * One file of a few MB, one part; `catalogVersion` names its edition.
 */
export const cisaKevUpdater: Updater = {
  name: 'cisa_kev',
  aliases: ['kev'],
  title: 'CISA Known Exploited Vulnerabilities',
  homepage: 'https://www.cisa.gov/known-exploited-vulnerabilities-catalog',
  licence: 'CC0-1.0',
  version: 1,
  isGeneral: true,
  covers: () => undefined,

  async *fetch({ http, previous }) {
    const name = 'known_exploited_vulnerabilities.json';
    const answer = await http.get(CATALOG, { ifRevision: previous.revisionOf(name), maxBytes: 256 << 20 });
    if (!answer) yield { kind: 'unchanged', name };
    else yield { kind: 'document', document: { name, revision: answer.revision, body: answer.body } };
  },

  async *parse({ name, body }, { problem }) {
    const catalog = readKevCatalog(readJson(await body.text(), name));
    if (!catalog) throw new ScannerError('feed.malformed', `${name} is not CISA's catalogue`, { document: name });
    const records: FeedRecord[] = [];
    for (const stated of catalog.entries) {
      const entry = readKevEntry(stated);
      if (entry) records.push(recordOf(entry));
      else {
        const what = JSON.stringify(stated)?.slice(0, 80) ?? 'nothing';
        problem({ code: 'updater.incomplete-entry', message: `not an entry of the catalogue: ${what}`, path: name });
      }
    }
    yield { part: 'catalog', revision: catalog.version, records };
  },
};

function recordOf({ id, dateAdded, dueDate, name, requiredAction, ransomwareUse }: KevEntry): FeedRecord {
  return {
    kind: 'kev',
    vulnerabilityId: id,
    dateAdded,
    ...(dueDate && { dueDate }),
    ...(name && { name }),
    ...(requiredAction && { requiredAction }),
    ...(ransomwareUse && { knownRansomwareUse: ransomwareUse === 'Known' }),
  };
}

function readJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScannerError('feed.malformed', `${name} is not JSON`, { document: name }, { cause });
  }
}
