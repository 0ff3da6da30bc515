import type { Snapshot } from '../../advisories/snapshot.ts';
import type { CvssScorer } from '../../documents/cvss.ts';
import type { Inventory } from '../../model/inventory.ts';
import type { ScanReport } from '../../model/scan-report.ts';
import { countsOf } from '../../reports/report-counts.ts';
import { diffReports, type FindingChange } from '../../reports/report-diff.ts';
import { judge } from '../../scan/judge.ts';
import { kernelMaterialOf } from '../../scan/kernel-material.ts';
import { kernelsOf } from '../../scan/scan.ts';
import { readSourceChoice } from '../../scan/source-choice.ts';
import type { ScanOptions } from '../../wire/jobs-v1/schemas.ts';
import { type Question, recordQuestions } from './questions.ts';

/** What became of a finding, and why. */
export interface JudgementChange {
  readonly kind: 'added' | 'gone' | 'changed';
  /** `contents`: the packages are others. `knowledge`: the advisories are. */
  readonly cause: FindingChange['cause'];
  readonly vulnerability: string;
  readonly package: string;
  readonly version: string;
  /** Of a changed one: `severity: medium -> high`. */
  readonly fields?: readonly string[];
}

/** A stored scan by another snapshot. */
export interface Judged {
  readonly questions: readonly Question[];
  /** Absent: nothing that is open is otherwise. */
  readonly change?: {
    readonly report: ScanReport;
    readonly counts: Readonly<Record<string, number>>;
    readonly changes: readonly JudgementChange[];
  };
}

export interface JudgeAgainOptions {
  readonly snapshot: Snapshot;
  /** As the scan was submitted. */
  readonly options: ScanOptions;
  readonly now: Date;
  readonly scoreOf: CvssScorer;
}

/** Judges the packages of a report anew. */
export async function judgeAgain(
  stored: ScanReport,
  { snapshot, options, now, scoreOf }: JudgeAgainOptions,
): Promise<Judged> {
  const { source, questions } = recordQuestions(snapshot);
  const inventory = inventoryOf(stored);
  const material = options.kernel && { material: await kernelMaterialOf(options.kernel) };
  const kernels = await kernelsOf(inventory, snapshot, material);
  const report = judge(inventory, source, {
    ...(kernels && { kernels }),
    ...{ now, scoreOf, allStatements: options.all_statements ?? true },
    sources: readSourceChoice(options.detection?.join(','), options.consolidation?.join(',')),
    ...(stored.scope && { scope: stored.scope }),
  });
  const { added, gone, changed } = diffReports(stored, report);
  const changes = [...listed('added', added), ...listed('gone', gone), ...listed('changed', changed)];
  return {
    questions: [...questions].sort(),
    ...(changes.length > 0 && { change: { report, counts: countsOf(report), changes } }),
  };
}

/** What the snapshot of that time lacked is no property of the target. */
function inventoryOf({ target, namespace, repositoryCpes, packages, layers, problems }: ScanReport): Inventory {
  return {
    ...{
      target,
      packages,
      layers,
      problems: problems.filter(({ code }) => !code.startsWith('source.') && !code.startsWith('kernel.')),
    },
    ...(namespace !== undefined && { namespace }),
    ...(repositoryCpes && { repositoryCpes }),
  };
}

function listed(kind: JudgementChange['kind'], changes: readonly FindingChange[]): readonly JudgementChange[] {
  return changes.map(({ cause, before, after, fields }) => {
    const { vulnerability, proof } = (after ?? before)!;
    const { name, version } = proof.package;
    return {
      ...{ kind, cause, vulnerability: vulnerability.id, package: name, version },
      ...(fields.length > 0 && { fields: fields.map((it) => `${it.field}: ${it.before} -> ${it.after}`) }),
    };
  });
}
