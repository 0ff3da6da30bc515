import { createHash } from 'node:crypto';
import { ScannerError } from '../../model/errors.ts';
import type { Severity } from '../../model/severity.ts';
import { asFields, asText, asTexts } from '../../platform/json-values.ts';
import type { FeedPart, FeedRecord } from '../record.ts';
import type { Updater } from '../updater.ts';

const TRACKER = 'https://security.archlinux.org/all.json';
const DOCUMENT = 'all.json';

/**
 * Arch Linux' security tracker: one list of vulnerability groups (AVG), each of packages that are mended together; a part is a group.
 * Its package names are those that are installed. The version that a group calls affected is the one that was looked at: all before
 * the fix are taken for affected.
 * Source: https://wiki.archlinux.org/title/Arch_Security_Team, https://security.archlinux.org/
 */
export const archUpdater: Updater = {
  name: 'arch',
  title: 'Arch Linux security tracker',
  homepage: 'https://security.archlinux.org/',
  licence: 'none stated; published for anybody to use',
  version: 1,
  covers: (namespace) => (namespace === 'arch' ? {} : undefined),

  async *fetch({ http, previous }) {
    const answer = await http.get(TRACKER, { ifRevision: previous.revisionOf(DOCUMENT), maxBytes: 256 << 20 });
    if (!answer) yield { kind: 'unchanged', name: DOCUMENT };
    else yield { kind: 'document', document: { name: DOCUMENT, revision: answer.revision, body: answer.body } };
  },

  async *parse({ name, body }, { problem }) {
    const incomplete = (message: string): void =>
      problem({ code: 'updater.incomplete-entry', message: `${name}: ${message}`, path: name });
    const ids = new Set<string>();
    for (const group of readGroups(await body.text(), name)) {
      const part = readGroup(asFields(group), incomplete);
      if (part && ids.has(part.part)) incomplete(`${part.part} comes again; the first counts`);
      else if (part) yield part;
      if (part) ids.add(part.part);
    }
  },
};

function readGroups(text: string, document: string): readonly unknown[] {
  let groups: unknown;
  let cause: unknown;
  try {
    groups = JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  if (Array.isArray(groups)) return groups;
  throw new ScannerError('feed.malformed', `${document} is no list of groups`, { document }, { cause });
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  Critical: 'critical',
  High: 'high',
  Medium: 'medium',
  Low: 'low',
};

function readGroup(
  group: Readonly<Record<string, unknown>>,
  incomplete: (message: string) => void,
): FeedPart | undefined {
  const [id, status] = [asText(group.name), asText(group.status)];
  const packages = asTexts(group.packages);
  if (!id || !/^AVG-\d+$/.test(id) || packages.length === 0) {
    incomplete(`not a group of packages: ${JSON.stringify(group).slice(0, 80)}`);
    return undefined;
  }
  const statement = statementOf(status, asText(group.fixed));
  if (!statement) incomplete(`${id}: unknown status ${JSON.stringify(status)}`);
  const issues = asTexts(group.issues);
  const severity = SEVERITIES[asText(group.severity) ?? ''];
  const link = `https://security.archlinux.org/${id}`;
  const vulnerabilityIds = issues.length > 0 ? issues : [id];
  const records = vulnerabilityIds.flatMap((vulnerabilityId) =>
    packages.map(
      (packageName): FeedRecord => ({
        ...{ kind: 'advisory', advisoryId: id, vulnerabilityId, namespace: 'arch', packageName, packageKind: 'binary' },
        ...(statement ?? statementOf('Unknown', undefined)!),
        ...(severity && { severity }),
        link,
      }),
    ),
  );
  return { part: id, revision: createHash('sha256').update(JSON.stringify(group)).digest('hex').slice(0, 32), records };
}

type Statement = Pick<Extract<FeedRecord, { kind: 'advisory' }>, 'status' | 'affected' | 'fixState'>;

/** A fix in the testing repositories is one: who has it, has it. @returns undefined for a word that we do not know. */
function statementOf(status: string | undefined, fixed: string | undefined): Statement | undefined {
  const affected = [{ introduced: '0', ...(fixed && { fixed }) }];
  const fixState = fixed ? 'fixed' : 'not_fixed';
  switch (status) {
    case 'Fixed':
    case 'Testing':
    case 'Vulnerable':
      return { status: 'affected', affected, fixState };
    case 'Unknown':
      return { status: 'under_investigation', affected, fixState: fixed ? 'fixed' : 'unknown' };
    case 'Not affected':
      return { status: 'not_affected', affected: [], fixState: 'unknown' };
    default:
      return undefined;
  }
}
