import { openSnapshot } from '../../advisories/open-snapshot.ts';
import type { Snapshot } from '../../advisories/snapshot.ts';
import type { StoredAdvisory } from '../../model/advisory.ts';
import { ScannerError } from '../../model/errors.ts';
import type { Vulnerability } from '../../model/vulnerability.ts';
import { printable } from '../../platform/terminal.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan db search`: what the database knows of a vulnerability or a package, without a scan. */
export const dbSearchCommand: Command = {
  name: 'db search',
  summary: 'Show what the database knows of a vulnerability or a package.',
  usage: 'cvescan db search [--namespace N] [-o json] CVE-…|PACKAGE',
  description: [
    'Examples:',
    '  cvescan db search CVE-2021-44228',
    '  cvescan db search openssl --namespace debian:12',
  ].join('\n'),
  options: {
    namespace: { type: 'string', value: 'N', help: 'only this namespace, e.g. debian:12 or npm' },
    output: { type: 'string', short: 'o', value: 'json', help: 'as JSON' },
  },

  async run(invocation) {
    const { options, positionals, stdout } = invocation;
    const [word, ...more] = positionals;
    if (word === undefined || more.length > 0)
      throw new ScannerError('usage.invalid', `give one word: ${dbSearchCommand.usage}`);
    if (options.output !== undefined && options.output !== 'json') {
      throw new ScannerError('report.unknown-format', `-o ${options.output}: the only format is json`);
    }
    const { databaseDirectory } = await readSettings(invocation);
    using snapshot = openSnapshot(databaseDirectory);
    const found = search(snapshot, word, typeof options.namespace === 'string' ? options.namespace : undefined);
    stdout.write(options.output === 'json' ? jsonOf(found, snapshot.id) : textOf(found, word));
    return 0;
  },
};

interface Found {
  readonly vulnerability?: Vulnerability;
  readonly advisories: readonly StoredAdvisory[];
}

/** A word that names a vulnerability, itself or by an alias; else one that names a package. */
function search(snapshot: Snapshot, word: string, namespace: string | undefined): Found {
  const vulnerability = snapshot.vulnerability(word);
  const ids = [vulnerability.id, ...vulnerability.aliases];
  const ofIds = ids.flatMap((id) => snapshot.advisoriesOf(id));
  const isKnown = vulnerability.records.length > 0 || ofIds.length > 0 || vulnerability.epss || vulnerability.kev;
  if (isKnown) {
    return { vulnerability, advisories: ofIds.filter((advisory) => !namespace || advisory.namespace === namespace) };
  }
  const namespaces = namespace === undefined ? snapshot.namespacesOf(word) : [namespace];
  return { advisories: namespaces.flatMap((each) => snapshot.advisories(each, word)) };
}

function jsonOf({ vulnerability, advisories }: Found, snapshotId: string): string {
  return `${JSON.stringify({ schemaVersion: '1.0', snapshotId, vulnerability, advisories }, null, 2)}\n`;
}

function textOf({ vulnerability, advisories }: Found, word: string): string {
  if (!vulnerability && advisories.length === 0) return `nothing is known of ${printable(word)}\n`;
  return [...(vulnerability ? vulnerabilityLines(vulnerability) : []), ...advisories.map(advisoryLine), ''].join('\n');
}

function vulnerabilityLines({ id, aliases, records, epss, kev }: Vulnerability): string[] {
  const scores = records
    .flatMap(({ cvss = [] }) => cvss)
    .map(({ version, score, source }) => `${score ?? '?'} (${version}, ${source})`);
  const text = records.map(({ summary, description }) => summary ?? description).find((each) => each !== undefined);
  const severities = records.flatMap(({ source, severity }) => (severity ? [`${severity} (${source})`] : []));
  const withdrawn = records.flatMap(({ source, withdrawn: at }) => (at ? [`by ${source} on ${at.slice(0, 10)}`] : []));
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['aliases', aliases.join(', ')],
    ['withdrawn', withdrawn.join(', ')],
    ['severity', severities.join(', ')],
    ['cvss', scores.join(', ')],
    ['epss', epss && `${epss.score}${epss.percentile === undefined ? '' : `, percentile ${epss.percentile}`}`],
    ['exploited', kev && `known since ${kev.dateAdded}${kev.dueDate ? `, to be mended by ${kev.dueDate}` : ''}`],
    ['text', text],
  ];
  return [id, ...facts.flatMap(([name, value]) => (value ? [`  ${name.padEnd(10)} ${printable(value)}`] : [])), ''];
}

function advisoryLine(advisory: StoredAdvisory): string {
  const { namespace, packageName, vulnerabilityId, advisoryId, source, severity, note } = advisory;
  const words = [
    `${namespace} ${packageName}`.padEnd(36),
    vulnerabilityId,
    ...(advisoryId === vulnerabilityId ? [] : [advisoryId]),
    statementWords(advisory),
    ...(severity ? [severity] : []),
    ...(note ? [`"${note}"`] : []),
    `(${source})`,
  ];
  return printable(words.join('  '));
}

function statementWords({ status, fixState, affected, versions }: StoredAdvisory): string {
  if (status === 'not_affected') return 'not affected';
  const ranges = affected.map(({ introduced, fixed, lastAffected }) => {
    const start = introduced === '0' ? '' : `>= ${introduced} `;
    if (fixed) return `${start}< ${fixed}`;
    return lastAffected ? `${start}<= ${lastAffected}` : start || 'all versions';
  });
  const enumerated = versions?.length ? [`${versions.length} versions`] : [];
  const state = fixState === 'fixed' || fixState === 'unknown' ? '' : ` (${fixState.replaceAll('_', ' ')})`;
  return `${status.replaceAll('_', ' ')} ${[...ranges, ...enumerated].join(', ')}${state}`;
}
