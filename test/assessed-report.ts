import type { Annotation, AnnotationStatus } from '../src/model/annotation.ts';
import type { Assessment, AssessmentStatus } from '../src/model/assessment.ts';
import type { Finding } from '../src/model/finding.ts';
import type { ScanReport } from '../src/model/scan-report.ts';
import { sampleReport } from './sample-report.ts';

/** The sample with all that people and assessments may say, purls, CPEs, and scores of every version of CVSS. */
export function assessedReport(): ScanReport {
  const sample = sampleReport({ allStatements: true });
  return {
    ...sample,
    repositoryCpes: ['cpe:/o:redhat:enterprise_linux:9::baseos'],
    packages: sample.packages.map((item) => ({
      ...{ ...item, purl: `pkg:${item.type}/${item.name}@${encodeURIComponent(item.version)}` },
      cpes: [`cpe:2.3:a:${item.name}:${item.name}:1.0:*:*:*:*:*:*:*`],
    })),
    vulnerabilities: sample.vulnerabilities.map((item, n) => ({
      ...{ ...item, aliases: n === 0 ? ['GHSA-aaaa-bbbb-cccc'] : item.aliases, cwes: ['CWE-787'] },
      cvss: [
        {
          version: '4.0',
          vector: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N',
          score: 9.3,
          source: 'cna',
        },
        ...item.cvss,
        { version: '3.0', vector: 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', source: 'osv' },
        { version: '2.0', vector: 'AV:N/AC:L/Au:N/C:P/I:P/A:P', score: 7.5, source: 'nvd@nist.gov', type: 'Primary' },
      ],
      ssvc: { exploitation: 'poc', automatable: 'yes', technicalImpact: 'total', source: 'cisa' },
    })),
    findings: sample.findings.map((finding, n) => ({ ...finding, ...VERDICTS[n % VERDICTS.length] })),
  };
}

type Verdict = Pick<Finding, 'status'> &
  Partial<Pick<Finding, 'annotation' | 'assessments' | 'vex' | 'contradiction' | 'ignored'>>;

const assessed = (
  status: AssessmentStatus,
  evidence: Assessment['evidence'] = { files: ['cve.txt'] },
): readonly Assessment[] => [{ status, source: 'inventory', detail: `why ${status}`, evidence }];

const annotated = (status: AnnotationStatus, isVulnerable: boolean, more = {}): Annotation => ({
  ...{ status, isVulnerable, ...more },
  log: [
    {
      at: '2026-07-01T00:00:00Z',
      comment: `seen as ${status}`,
      from: 'todo',
      to: status,
      changesVulnerable: !isVulnerable,
    },
  ],
});

const VERDICTS: readonly Verdict[] = [
  { status: 'not_affected', assessments: assessed('package patched', { patches: ['CVE-1.patch'] }) },
  { status: 'affected', ignored: { reason: 'not reachable from outside', expires: '2026-12-31' } },
  { status: 'not_affected', annotation: annotated('not exploitable', false) },
  { status: 'affected', annotation: annotated('accepted', true) },
  { status: 'under_investigation', annotation: annotated('false positive', false, { isOutdated: true }) },
  { status: 'not_affected', assessments: assessed('version mismatch') },
  { status: 'not_affected', assessments: assessed('code removed', { commits: ['abc'], files: ['net/x.c'] }) },
  { status: 'affected', assessments: assessed('patch available', { commits: ['def'] }) },
  { status: 'fixed' },
  { status: 'not_affected', annotation: annotated('false positive', false, { scope: 'shop' }) },
  { status: 'affected', contradiction: 'ACME says that it is affected, Zeta that it is not' },
  {
    status: 'not_affected',
    vex: [{ author: 'ACME', status: 'not_affected', document: 'acme.json', justification: 'component_not_present' }],
  },
  { status: 'not_affected' },
  { status: 'under_investigation' },
];
