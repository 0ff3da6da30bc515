import { createHash } from 'node:crypto';
import { type OvalCriteria, type OvalDefinition, readOvalDefinitions } from '../../documents/oval.ts';
import type { AffectedRange } from '../../model/advisory.ts';
import { ScannerError } from '../../model/errors.ts';
import type { Severity } from '../../model/severity.ts';
import type { FeedRecord } from '../record.ts';
import type { Coverage, FetchContext, Fetched, Updater } from '../updater.ts';

const REPOSITORY = 'https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/';

/** OVAL document by release. CBL-Mariner is what Azure Linux was called before release 3. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  'azurelinux:2': 'cbl-mariner-2.0-oval.xml',
  'azurelinux:3': 'azurelinux-3.0-oval.xml',
};

/** Last day of support. Source: https://learn.microsoft.com/azure/azure-linux/support-cycle */
const COVERAGE: ReadonlyMap<string, Coverage> = new Map<string, Coverage>([
  ['azurelinux:2', { until: '2025-07-31' }],
  ['azurelinux:3', {}],
]);

/**
 * Azure Linux' flaws: an OVAL document a release, a definition for each flaw in a source package; a part is a definition.
 * Source: https://github.com/microsoft/AzureLinuxVulnerabilityData
 */
export const azureUpdater: Updater = {
  name: 'azure',
  aliases: ['azurelinux', 'mariner'],
  title: 'Azure Linux vulnerability data (OVAL)',
  homepage: 'https://github.com/microsoft/AzureLinuxVulnerabilityData',
  licence: 'MIT',
  version: 1,
  covers: (namespace) => COVERAGE.get(namespace),

  async *fetch(context) {
    for (const name of Object.values(DOCUMENTS)) yield await fetchDocument(name, context);
  },

  async *parse({ name, body }, { problem }) {
    const namespace = Object.keys(DOCUMENTS).find((key) => DOCUMENTS[key] === name);
    const ids = new Set<string>();
    if (namespace)
      for await (const definition of readOvalDefinitions(body.stream())) {
        const report = (message: string): void =>
          problem({ code: 'updater.incomplete-entry', message: `${definition.id}: ${message}`, path: name });
        if (ids.has(definition.id)) report('comes again; the first counts');
        else
          yield {
            part: `${namespace}/${definition.id}`,
            revision: createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 32),
            records: readDefinition(definition, namespace, report),
          };
        ids.add(definition.id);
      }
    if (ids.size === 0) throw new ScannerError('feed.malformed', `${name} has no definitions`, { document: name });
  },
};

async function fetchDocument(name: string, { http, previous, problem }: FetchContext): Promise<Fetched> {
  try {
    const answer = await http.get(REPOSITORY + name, { ifRevision: previous.revisionOf(name), maxBytes: 1 << 30 });
    if (!answer) return { kind: 'unchanged', name };
    return { kind: 'document', document: { name, revision: answer.revision, body: answer.body } };
  } catch (error) {
    if (!(error instanceof ScannerError) || error.code !== 'feed.not-in-mirror') throw error;
    problem({ code: error.code, message: error.message, path: name });
    return { kind: 'kept', name };
  }
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  important: 'high',
  high: 'high',
  medium: 'medium',
  moderate: 'medium',
  low: 'low',
};

/** Definitions that Microsoft holds for not applicable say so in their description alone. */
const NOT_APPLICABLE = /\bno longer is or was never applicable\b/;

function readDefinition(
  definition: OvalDefinition,
  namespace: string,
  report: (message: string) => void,
): readonly FeedRecord[] {
  const ids = definition.references.filter(({ source }) => source === 'CVE').map(({ id }) => id);
  const { packageName, range } = readCriteria(definition.criteria, report);
  if (ids.length === 0 || packageName === undefined) {
    report('names no flaw or no package');
    return [];
  }
  const severity = SEVERITIES[definition.severity?.toLowerCase() ?? ''];
  const isApplicable = !NOT_APPLICABLE.test(definition.description);
  return ids.map((vulnerabilityId) => ({
    ...{
      kind: 'advisory',
      advisoryId: vulnerabilityId,
      vulnerabilityId,
      namespace,
      packageName,
      packageKind: 'source',
    },
    ...(isApplicable
      ? { status: 'affected', affected: [range], fixState: range.fixed === undefined ? 'not_fixed' : 'fixed' }
      : { status: 'not_affected', affected: [], fixState: 'unknown' }),
    ...(severity && { severity }),
  }));
}

interface Condition {
  readonly packageName: string | undefined;
  readonly range: AffectedRange;
}

/** `Package X is earlier than V`, `is greater than V`, `is installed with version V or earlier`, all of which must hold. */
function readCriteria(criteria: OvalCriteria | undefined, report: (message: string) => void): Condition {
  let [packageName, introduced]: [string | undefined, string] = [undefined, '0'];
  let end: Omit<AffectedRange, 'introduced'> = {};
  for (const comment of leavesOf(criteria)) {
    const [, name, earlier, greater, last] =
      /^Package (\S+) is (?:earlier than ([^\s,]+)|greater than ([^\s,]+)|installed with version (\S+) or earlier)/.exec(
        comment,
      ) ?? [];
    if (name === undefined) report(`unknown criterion ${JSON.stringify(comment)}`);
    else packageName ??= name;
    if (earlier !== undefined) end = { fixed: withoutZeroEpoch(earlier) };
    // Without a release, every build of the version is above it.
    if (greater !== undefined && !/^(0:)?[0.]+$/.test(greater)) introduced = withoutZeroEpoch(greater);
    // What no build mends yet is told by the build that was looked at: later ones have the flaw as well.
    if (last !== undefined) end = {};
  }
  return { packageName, range: { introduced, ...end } };
}

function leavesOf(criteria: OvalCriteria | string | undefined): readonly string[] {
  if (criteria === undefined) return [];
  return typeof criteria === 'string' ? [criteria] : criteria.children.flatMap(leavesOf);
}

const withoutZeroEpoch = (version: string): string => (version.startsWith('0:') ? version.slice(2) : version);
