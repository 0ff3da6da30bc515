import type { ScanReport } from '../src/model/scan-report.ts';
import { findingOf } from '../src/reports/report-members.ts';
import { judge } from '../src/scan/judge.ts';
import { advisory, fakeAdvisories, installed } from './fake-advisories.ts';

/** When the sample was scanned. */
export const SAMPLE_NOW = new Date('2026-08-01T00:00:00Z');

const OPENSSL = { name: 'openssl', version: '3.0.11-1~deb12u2' };

const packages = [
  installed({ name: 'libssl3', source: OPENSSL }),
  installed({ name: 'openssl', source: OPENSSL }),
  installed({ name: 'zlib1g', version: '1:1.2.13.dfsg-1', source: { name: 'zlib', version: '1:1.2.13.dfsg-1' } }),
  installed({ name: 'bash', version: '5.2.15-2+b2', source: { name: 'bash', version: '5.2.15-2' } }),
  installed({ name: 'acme-agent', version: '' }),
  installed({
    ...{ id: 'npm/lodash@4.17.11', name: 'lodash', version: '4.17.11', versionScheme: 'semver', type: 'npm' },
    ...{ namespace: 'npm', locations: [{ layer: 'sha256:bb', path: 'app/package-lock.json' }] },
  }),
];

const advisories = [
  advisory({ vulnerabilityId: 'CVE-2024-5535', fixed: '3.0.14-1~deb12u1' }),
  advisory({ vulnerabilityId: 'CVE-2025-9230', fixed: '3.0.17-1~deb12u3', severity: 'high' }),
  advisory({ vulnerabilityId: 'CVE-2022-0778', fixed: '1.1.1n-1' }),
  advisory({ vulnerabilityId: 'CVE-2021-4160', status: 'not_affected', affected: [], fixState: 'unknown' }),
  advisory({ vulnerabilityId: 'CVE-2010-0928', severity: 'negligible', note: 'needs physical access' }),
  advisory({ vulnerabilityId: 'CVE-2023-45853', packageName: 'zlib', fixState: 'will_not_fix' }),
  advisory({ vulnerabilityId: 'CVE-2023-44487', packageName: 'zlib', fixed: 'later' }),
  advisory({
    ...{ vulnerabilityId: 'GHSA-jf85-cpcp-j695', source: 'osv', namespace: 'npm', packageName: 'lodash' },
    ...{ packageKind: 'binary', fixed: '4.17.12', link: 'https://osv.dev/GHSA-jf85-cpcp-j695' },
  }),
];

const nvd = (id: string, score: number, description: string) => {
  const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
  const cvss = [{ version: '3.1', vector, score, source: 'nvd@nist.gov', type: 'Primary' }];
  return { source: 'nvd', id, description, cvss, published: '2024-06-27T11:15:24Z' };
};

const fake = fakeAdvisories({
  advisories,
  coverage: { 'debian:12': [{ source: 'debian' }], npm: [{ source: 'osv' }] },
  groups: [['CVE-2019-10744', 'GHSA-jf85-cpcp-j695']],
  records: [
    nvd(
      'CVE-2024-5535',
      9.1,
      'Issue summary: Calling the OpenSSL API function SSL_select_next_proto with an empty buffer.',
    ),
    nvd(
      'CVE-2023-45853',
      9.8,
      'MiniZip in zlib through 1.3 has an integer overflow and resultant heap-based buffer overflow.',
    ),
    nvd('CVE-2023-44487', 7.5, 'The HTTP/2 protocol allows a denial of service.\u001b[2J'),
    {
      ...{
        source: 'osv',
        id: 'GHSA-jf85-cpcp-j695',
        summary: 'Prototype Pollution in lodash',
        severity: 'critical' as const,
      },
      references: [{ url: 'https://github.com/lodash/lodash/pull/4336', tags: ['Patch'] }],
    },
  ],
  epss: {
    'CVE-2023-44487': { score: 0.9442, percentile: 0.9998 },
    'CVE-2024-5535': { score: 0.0412, percentile: 0.88 },
  },
  kev: { 'CVE-2023-44487': { dateAdded: '2023-10-10', dueDate: '2023-10-31' } },
});

/** A database that lacks none of the sources that are asked by default. */
const source = {
  ...fake,
  sources: ['cisa_kev', 'debian', 'epss', 'nvd', 'osv'].flatMap((name) =>
    fake.sources.slice(0, 1).map((like) => ({ ...like, name })),
  ),
};

/** A small report with most that a report can hold, as plain data: what a format is tested on. */
export function sampleReport(options: Partial<Parameters<typeof judge>[2]> = {}): ScanReport {
  const inventory = {
    target: { kind: 'image', name: 'shop.tar', digest: 'sha256:ff', platform: 'linux/amd64' },
    namespace: 'debian:12',
    packages,
    layers: [
      { index: 0, digest: 'sha256:aa', createdBy: 'debootstrap bookworm', verification: 'verified' },
      { index: 1, digest: 'sha256:bb', createdBy: 'COPY app /app', verification: 'not_verified' },
    ],
    problems: [{ code: 'lister.incomplete-entry', message: 'var/lib/dpkg/status: no version in "Package: acme"' }],
  } as const;
  const report = judge(inventory, source, { now: SAMPLE_NOW, ...options });
  return JSON.parse(JSON.stringify({ ...report, findings: report.findings.map(findingOf) }));
}
