import type { Finding } from '../src/model/finding.ts';
import type { Package } from '../src/model/package.ts';
import type { ReportedVulnerability, ScanReport } from '../src/model/scan-report.ts';
import { SEVERITIES, type Severity } from '../src/model/severity.ts';
import { sampleReport } from './sample-report.ts';

const NAMES = [
  'openssl',
  'zlib',
  'curl',
  'glibc',
  'systemd',
  'perl',
  'libxml2',
  'lodash',
  'log4j-core',
  'django',
  'requests',
  'tokio',
];
const FLAWS = [
  'heap overflow',
  'use after free',
  'prototype pollution',
  'path traversal',
  'denial of service',
  'request smuggling',
];
const LAYERS = [
  'debootstrap bookworm',
  '/bin/sh -c apt-get install -y build-essential',
  'COPY app /app',
  'RUN npm ci --omit=dev',
];

/** A report of any length: varied, of plausible sizes, and the same every time. */
export function largeReport(findingCount: number): ScanReport {
  const sample = sampleReport();
  const layers = LAYERS.map((createdBy, index) => ({
    ...{ index, digest: `sha256:${String(index).repeat(64)}`, createdBy, verification: 'verified' as const },
  }));
  const packages = Array.from({ length: Math.ceil(findingCount / 8) }, (_, n) => packageOf(n, layers[n % 4]!.digest));
  const vulnerabilities = Array.from({ length: Math.ceil(findingCount / 2) }, (_, n) => vulnerabilityOf(n));
  const findings = Array.from({ length: findingCount }, (_, n) =>
    findingOf(n, packages[Math.floor(n / 8)]!, vulnerabilities[(n * 7) % vulnerabilities.length]!, sample.findings[0]!),
  );
  const ledger = { ...sample.ledger, components: packages.length, matched: packages.length, clean: 0 };
  return { ...sample, layers, packages, vulnerabilities, findings, ledger };
}

function packageOf(n: number, layer: string): Package {
  const name = `${NAMES[n % NAMES.length]}${n < NAMES.length ? '' : `-${Math.floor(n / NAMES.length)}`}`;
  return {
    ...{
      id: `deb/${name}@1.${n % 20}-${n}?amd64`,
      name,
      version: `1.${n % 20}-${n}`,
      versionScheme: 'dpkg',
      type: 'deb',
    },
    ...{
      arch: 'amd64',
      namespace: 'debian:12',
      purl: `pkg:deb/debian/${name}@1.${n % 20}-${n}?arch=amd64&distro=debian-12`,
    },
    ...{
      source: { name: NAMES[n % NAMES.length]!, version: `1.${n % 20}` },
      locations: [{ path: 'var/lib/dpkg/status', layer }],
    },
  };
}

function vulnerabilityOf(n: number): ReportedVulnerability {
  const severity = severityOf(n);
  const summary = `${NAMES[n % NAMES.length]}: ${FLAWS[n % FLAWS.length]} when a crafted message is read`;
  const score = Math.min(10, SEVERITIES.indexOf(severity) * 2 + (n % 17) / 10);
  const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
  return {
    ...{
      id: `CVE-20${10 + (n % 16)}-${1000 + n}`,
      aliases: n % 3 === 0 ? [`GHSA-${n}-aaaa-bbbb`] : [],
      severity,
      summary,
    },
    description: `${summary}. `.repeat(1 + (n % 8)),
    cvss:
      severity === 'unknown'
        ? []
        : [{ version: '3.1', vector, score: Number(score.toFixed(1)), source: 'nvd@nist.gov', type: 'Primary' }],
    cwes: [`CWE-${20 + (n % 900)}`],
    references: Array.from({ length: n % 5 }, (_, m) => ({ url: `https://example.org/${n}/${m}`, tags: ['Patch'] })),
    ...{ published: '2024-06-27T11:15:24Z', modified: '2025-01-02T03:04:05Z' },
    ...(n % 4 !== 0 && { epss: { score: ((n * 7919) % 10_000) ** 3 / 1e12, percentile: (n % 100) / 100 } }),
    ...(n % 250 === 3 && { kev: { dateAdded: '2024-05-05', dueDate: '2024-05-26', knownRansomwareUse: true } }),
  };
}

/** Mostly medium and low, as in life. */
function severityOf(n: number): Severity {
  return SEVERITIES[[3, 2, 3, 4, 3, 2, 4, 1, 3, 5, 2, 0][n % 12]!]!;
}

function findingOf(n: number, item: Package, vulnerability: ReportedVulnerability, like: Finding): Finding {
  const fixedVersions = n % 3 === 0 ? [] : [`${item.version}+deb12u${1 + (n % 4)}`];
  const { createdBy, digest, index } = { createdBy: LAYERS[n % 4]!, digest: item.locations[0]!.layer!, index: n % 4 };
  const { name, version, versionScheme, locations, source } = item;
  return {
    ...{ fingerprint: `f${n}`.padStart(32, '0'), issueKey: `i${n}`.padStart(32, '0'), packageId: item.id },
    vulnerability: { id: vulnerability.id, aliases: vulnerability.aliases },
    severity: { word: vulnerability.severity, source: 'debian' },
    ...{ status: 'affected', fixState: fixedVersions.length > 0 ? 'fixed' : 'not_fixed', fixedVersions },
    introducedBy: { layer: digest, index, createdBy },
    proof: {
      package: { name, version, versionScheme, namespace: 'debian:12', locations, ...(source && { source }) },
      identity: { by: 'source package', ...source! },
      advisory: { ...like.proof.advisory, advisoryId: vulnerability.id, vulnerabilityId: vulnerability.id },
      comparison: {
        ...like.proof.comparison,
        version: item.version,
        reason: `${item.version} < ${fixedVersions[0] ?? 'any'}`,
      },
    },
  };
}
