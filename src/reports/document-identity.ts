import { createHash } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import type { Finding } from '../model/finding.ts';
import type { Inventory } from '../model/inventory.ts';
import type { ScanReport } from '../model/scan-report.ts';

/** What wrote a document. */
export const TOOL = { name: packageJson.name, version: packageJson.version } as const;

/** A UUID that follows from the content: the same inventory has the same one. */
export function contentUuid({ target, namespace, layers, packages, problems }: Inventory): string {
  return uuidOf([target, namespace, layers, problems, TOOL.version, ...packages]);
}

/** The same for a report: what was scanned, by which database, and what was found. */
export function reportUuid(kind: string, { target, snapshot, findings, packages }: ScanReport): string {
  const subject = [kind, TOOL.version, target.kind, target.name, target.digest, target.platform, snapshot.id];
  return uuidOf([subject, packages.map(({ id }) => id), ...findings.map(verdictOf)]);
}

function verdictOf({ fingerprint, status, severity, fixState, fixedVersions, ...finding }: Finding) {
  const { annotation, ignored, assessments = [], vex = [], contradiction } = finding;
  const verdicts = [
    annotation?.status,
    annotation?.log.length,
    ignored?.reason,
    ...assessments.map((one) => one.status),
    ...vex.map((one) => [one.author, one.status, one.at]),
    contradiction,
  ];
  return [fingerprint, status, severity.word, fixState, fixedVersions, verdicts];
}

/** Version 8 of RFC 9562, from SHA-256. */
function uuidOf(parts: Iterable<unknown>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${JSON.stringify(part)}\n`);
  const hex = hash.digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Time of a document, in whole seconds as SPDX asks. */
export function documentTime(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A publisher's date as RFC 3339 asks, in UTC; NVD leaves the zone out. Undefined for what is no date. */
export function publishedTime(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) return undefined;
  const date = new Date(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(date.getTime()) ? undefined : documentTime(date);
}
