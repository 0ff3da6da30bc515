import { createHash } from 'node:crypto';
import { readSecDb } from './schemas/alpine-secdb.ts';
import { secfixRecords } from './secfixes.ts';
import type { Updater } from './updater.ts';

const DOCUMENT = 'security.json';
const MAX_BYTES = 256 << 20;

/**
 * Reads the security database of a distribution without releases: one file of source packages and the versions that fixed flaws in
 * them, replaced whole; a part is a source package.
 *
 * @param url of its `security.json`. @param namespace also the updater's name.
 */
export function rollingSecDb(url: string, namespace: string): Pick<Updater, 'name' | 'covers' | 'fetch' | 'parse'> {
  return {
    name: namespace,
    covers: (asked) => (asked === namespace ? {} : undefined),

    async *fetch({ http, previous }) {
      const answer = await http.get(url, { ifRevision: previous.revisionOf(DOCUMENT), maxBytes: MAX_BYTES });
      if (!answer) yield { kind: 'unchanged', name: DOCUMENT };
      else yield { kind: 'document', document: { name: DOCUMENT, revision: answer.revision, body: answer.body } };
    },

    async *parse({ name, body }, { problem }) {
      const incomplete = (message: string): void =>
        problem({ code: 'updater.incomplete-entry', message: `${name}: ${message}`, path: name });
      const { packages } = readSecDb(await body.text(), name, incomplete);
      const seen = new Set<string>();
      for (const listed of packages) {
        if (seen.has(listed.name)) incomplete(`${listed.name} comes again; the first counts`);
        else
          yield {
            part: listed.name,
            revision: createHash('sha256').update(JSON.stringify(listed.fixes)).digest('hex').slice(0, 32),
            records: secfixRecords([listed], { namespace, incomplete }),
          };
        seen.add(listed.name);
      }
    },
  };
}
