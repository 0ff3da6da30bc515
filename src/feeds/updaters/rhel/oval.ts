import type { OvalCve, OvalDefinition } from '../../../documents/oval.ts';
import { type RpmStatement, rpmStatements } from '../../../documents/oval-rpm.ts';
import { ScannerError } from '../../../model/errors.ts';
import type { Severity } from '../../../model/severity.ts';
import type { Cvss } from '../../../model/vulnerability.ts';
import type { FeedRecord } from '../../record.ts';
import { FIX_STATES, releaseOfCpe, SEVERITIES } from './words.ts';

type AdvisoryRecord = Extract<FeedRecord, { kind: 'advisory' }>;

/**
 * A definition of Red Hat's OVAL v2 "including unpatched": an erratum (`patch`), a flaw without one (`vulnerability`), or what a
 * flaw does not affect (`oval:com.redhat.unaffected:…`).
 *
 * @param report takes a sentence on what cannot be read.
 * Source: https://www.redhat.com/security/data/oval/v2/
 */
export function readOval(definition: OvalDefinition, report: (message: string) => void): FeedRecord[] {
  const cves = cvesOf(definition);
  const erratum = erratumOf(definition);
  if (cves.length === 0 && !erratum) {
    report('names neither a flaw nor an erratum');
    return [];
  }
  const flaws: readonly OvalCve[] = cves.length > 0 ? cves : [{ id: erratum!.id, attributes: {} }];
  const statements = readStatements(definition, report);
  const isFlaw = definition.kind === 'vulnerability' && !isUnaffected(definition);
  return flaws.flatMap((flaw) => [
    ...(isFlaw || cves.length === 0 ? [describe(flaw, definition)] : []),
    ...statements.flatMap((statement) => readStatement(statement, flaw, definition, erratum) ?? []),
  ]);
}

type Erratum = Pick<OvalDefinition['references'][number], 'id' | 'url'>;

/** Early documents number the revisions of an erratum: `RHSA-2015:1193-01`. */
function erratumOf({ references }: OvalDefinition): Erratum | undefined {
  for (const { id, url } of references) {
    const erratumId = /^(RH[A-Z]{2}-\d{4}:\d+)(?:-\d+)?$/.exec(id)?.[1];
    if (erratumId) return { id: erratumId, ...(url && { url }) };
  }
  return undefined;
}

/** Early documents name flaws in the references only. */
function cvesOf({ cves, references }: OvalDefinition): readonly OvalCve[] {
  const named = [...cves, ...references.map(({ id }) => ({ id, attributes: {} }))];
  const byId = new Map(named.toReversed().map((flaw) => [flaw.id, flaw]));
  return [...byId.values()].filter(({ id }) => /^CVE-\d{4}-\d{4,}$/.test(id)).reverse();
}

function isUnaffected({ id }: OvalDefinition): boolean {
  return id.startsWith('oval:com.redhat.unaffected:');
}

function readStatements({ criteria }: OvalDefinition, report: (message: string) => void): RpmStatement[] {
  if (!criteria) return [];
  try {
    return rpmStatements(criteria, (comment) => report(`unknown criterion ${JSON.stringify(comment)}`));
  } catch (error) {
    if (!(error instanceof ScannerError)) throw error;
    report(error.message);
    return [];
  }
}

function readStatement(
  statement: RpmStatement,
  { id, attributes }: OvalCve,
  definition: OvalDefinition,
  erratum: Erratum | undefined,
): AdvisoryRecord | undefined {
  const { packageName, fixed, arch, module } = statement;
  const cpes = definition.cpes.filter((cpe) => releaseOfCpe(cpe) !== undefined);
  const release = statement.release ?? (cpes[0] && releaseOfCpe(cpes[0]));
  if (release === undefined) return undefined;
  const severity = severityOf(attributes.impact ?? definition.severity);
  const qualifiers = {
    ...(arch && { arches: [arch] }),
    ...(module && { module }),
    ...(cpes.length > 0 && { repositoryCpes: [...new Set(cpes)].sort() }),
  };
  return {
    kind: 'advisory',
    advisoryId: fixed === undefined ? id : (erratum?.id ?? id),
    vulnerabilityId: id,
    namespace: `rhel:${release}`,
    packageName,
    packageKind: 'binary',
    ...readVerdict(packageName, fixed, definition),
    ...(severity && { severity }),
    ...(Object.keys(qualifiers).length > 0 && { qualifiers }),
    link: (fixed !== undefined && erratum?.url) || `https://access.redhat.com/security/cve/${id}`,
  };
}

function readVerdict(packageName: string, fixed: string | undefined, definition: OvalDefinition) {
  if (fixed !== undefined) {
    return { status: 'affected', affected: [{ introduced: '0', fixed }], fixState: 'fixed' } as const;
  }
  if (isUnaffected(definition)) return { status: 'not_affected', affected: [], fixState: 'unknown' } as const;
  const word = resolutionOf(packageName, definition);
  const affected = [{ introduced: '0' }];
  if (word === 'Under investigation') return { status: 'under_investigation', affected, fixState: 'unknown' } as const;
  const fixState = FIX_STATES.get(word ?? '') ?? 'unknown';
  return { status: 'affected', affected, fixState, ...(word && { note: word }) } as const;
}

/** Resolutions name sources or binaries, of a module as `nodejs:18/nodejs`; one for all holds for what none names. */
function resolutionOf(packageName: string, { resolutions }: OvalDefinition): string | undefined {
  const named = resolutions.find(({ components }) =>
    components.some((component) => component.slice(component.lastIndexOf('/') + 1) === packageName),
  );
  return (named ?? (resolutions.length === 1 ? resolutions[0] : undefined))?.state || undefined;
}

function severityOf(word: string | undefined): Severity | undefined {
  return SEVERITIES.get(word?.toLowerCase() ?? '');
}

function describe({ id, attributes }: OvalCve, definition: OvalDefinition): FeedRecord {
  const severity = severityOf(attributes.impact ?? definition.severity);
  const cvss = [attributes.cvss3, attributes.cvss2].flatMap(readCvss);
  const { description, references } = definition;
  return {
    kind: 'vulnerability',
    id,
    summary: definition.title.replace(/^\S+\s+/, '').replace(/\s+\([a-z]+\)$/i, ''),
    ...(description && { description }),
    ...(severity && { severity }),
    ...(cvss.length > 0 && { cvss }),
    ...(attributes.cwe && { cwes: attributes.cwe.match(/CWE-\d+/g) ?? [] }),
    references: references.flatMap(({ url }) => (url ? [{ url }] : [])),
    ...(definition.updated && { modified: definition.updated }),
  };
}

/** `7.0/CVSS:3.1/AV:L/AC:H/…` or `7.8/AV:N/AC:L/…` (version 2). */
function readCvss(text: string | undefined): Cvss[] {
  const [, score, vector, version = '2.0'] = /^([\d.]+)\/((?:CVSS:([\d.]+)\/)?\S+)$/.exec(text ?? '') ?? [];
  return vector ? [{ version, vector, score: Number(score), source: 'rhel' }] : [];
}
