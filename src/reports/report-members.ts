import type { Finding } from '../model/finding.ts';
import type { Package } from '../model/package.ts';
import type { ReportedVulnerability } from '../model/scan-report.ts';

/** A package, its keys in the order in which they are written. */
export function packageOf(item: Package) {
  const { id, name, version, arch, namespace, type, purl, source, module, locations, removedBy, filtered } = item;
  return {
    ...{ id, name, version, arch, namespace, type, purl, source, module, locations, removedBy, filtered },
    ...{ versionScheme: item.versionScheme, cpes: item.cpes, properties: item.properties },
  };
}

/** The same of a vulnerability. */
export function vulnerabilityOf(item: ReportedVulnerability) {
  const { id, aliases, severity, cvss, epss, kev, ssvc, summary, description, cwes, references } = item;
  return {
    ...{ id, aliases, severity, cvss, epss, kev, ssvc, summary, description, cwes, references },
    ...{ published: item.published, modified: item.modified },
  };
}

/** The same of a finding. */
export function findingOf(item: Finding) {
  const { fingerprint, issueKey, vulnerability, packageId, severity, status, fixState, fixedVersions } = item;
  const { confidence, introducedBy, assessments, vex, contradiction, annotation, automaticStatus, ignored, proof } =
    item;
  return {
    ...{ fingerprint, issueKey, vulnerability, packageId, severity, status, fixState, fixedVersions },
    ...{ confidence, introducedBy, assessments, vex, contradiction, annotation, automaticStatus, ignored, proof },
  };
}
