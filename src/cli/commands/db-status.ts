import { type DatabaseStatus, readDatabaseStatus, type SourceStatus } from '../../advisories/database-status.ts';
import { ScannerError } from '../../model/errors.ts';
import { printable } from '../../platform/terminal.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan db status`: how old the advisory database is, what is in it, and what could not be read. */
export const dbStatusCommand: Command = {
  name: 'db status',
  summary: 'Show age, records and problems of the advisory database.',
  usage: 'cvescan db status [-o json]',
  description: 'Names each source with the date of its last reading, and the sources whose last update failed.',
  options: { output: { type: 'string', short: 'o', value: 'json', help: 'as JSON, with every problem' } },

  async run(invocation) {
    const { options, stdout, now } = invocation;
    if (options.output !== undefined && options.output !== 'json') {
      throw new ScannerError('report.unknown-format', `-o ${options.output}: the only format is json`);
    }
    const { databaseDirectory } = await readSettings(invocation);
    const status = readDatabaseStatus(databaseDirectory);
    stdout.write(options.output === 'json' ? jsonOf(status, now()) : textOf(status, now()));
    return 0;
  },
};

const ageSeconds = (at: string, now: Date): number => Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / 1000));

function jsonOf(status: DatabaseStatus, now: Date): string {
  const sources = status.sources.map((source) => ({ ...source, ageSeconds: ageSeconds(source.updatedAt, now) }));
  return `${JSON.stringify({ schemaVersion: '1.0', ...status, sources }, null, 2)}\n`;
}

function textOf({ snapshotId, file, sizeBytes, sources, missing }: DatabaseStatus, now: Date): string {
  return [
    `snapshot ${snapshotId}`,
    `${file}, ${(sizeBytes / 2 ** 20).toFixed(1)} MiB`,
    '',
    `${'source'.padEnd(9)} ${'last read'.padEnd(17)} ${'age'.padStart(5)} ${'parts'.padStart(9)} ${'records'.padStart(9)} ${'problems'.padStart(8)}`,
    ...sources.map((source) => sourceLine(source, now)),
    ...sources.flatMap(gapLines),
    ...sources.flatMap(({ name, failure }) => (failure && failure.code !== GAP ? [failureLine(name, failure)] : [])),
    ...missing.map(({ name, failure }) => failureLine(name, failure)),
    '',
  ].join('\n');
}

function sourceLine({ name, updatedAt, partCount, recordCount, problemCount }: SourceStatus, now: Date): string {
  const readAt = updatedAt.slice(0, 16).replace('T', ' ').padEnd(17);
  const age = ageText(ageSeconds(updatedAt, now)).padStart(5);
  const [parts, records] = [partCount, recordCount].map((count) => count.toLocaleString('en').padStart(9));
  return `${name.padEnd(9)} ${readAt} ${age} ${parts} ${records} ${String(problemCount).padStart(8)}`;
}

const GAP = 'feed.not-in-mirror';

/** What the mirror lacked: of a source that was read but for that, its problems; else why the last update failed. */
function gapLines({ name, problems, failure }: SourceStatus): readonly string[] {
  const gaps = problems.filter(({ code }) => code === GAP);
  if (gaps.length > 0) return gaps.map((gap) => failureLine(name, gap));
  return failure?.code === GAP ? [failureLine(name, failure)] : [];
}

function failureLine(name: string, { code, message }: { readonly code: string; readonly message: string }): string {
  return `${name.padEnd(9)} ${code === GAP ? '' : 'the last update failed: '}${printable(message)}`;
}

function ageText(seconds: number): string {
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
