import type { CpeConfiguration, CpeCriteria, CpeNode } from '../../model/cpe-configuration.ts';
import type { Cvss, Reference } from '../../model/vulnerability.ts';
import { asFields, asList, asNumber, asText, asTexts } from '../../platform/json-values.ts';

/** One CVE of NVD's feeds and API, both of schema 2.0: what we use of it. */
export interface NvdCve {
  readonly id: string;
  /** As written, in UTC without saying so: `2024-11-21T06:39:25.107`. Later ones are greater as text. */
  readonly lastModified: string;
  readonly published: string | undefined;
  readonly isRejected: boolean;
  readonly description: string | undefined;
  readonly cvss: readonly Cvss[];
  readonly cwes: readonly string[];
  readonly references: readonly Reference[];
  readonly configurations: readonly CpeConfiguration[];
}

/** Fields of `metrics`, and the version where the vector's own data does not state it. */
const METRICS = [
  ['cvssMetricV40', '4.0'],
  ['cvssMetricV31', '3.1'],
  ['cvssMetricV30', '3.0'],
  ['cvssMetricV2', '2.0'],
] as const;

/**
 * Reads an element of `vulnerabilities`.
 * @returns undefined when it has no CVE id or no date: then it is no record.
 * Source: https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema
 */
export function readNvdCve(element: unknown): NvdCve | undefined {
  const cve = asFields(asFields(element).cve);
  const [id, lastModified] = [asText(cve.id), asText(cve.lastModified)];
  if (!id || !/^CVE-\d{4}-\d{4,}$/.test(id) || !lastModified || Number.isNaN(Date.parse(lastModified)))
    return undefined;
  return {
    id,
    lastModified,
    published: asText(cve.published),
    isRejected: cve.vulnStatus === 'Rejected',
    description: readDescription(cve.descriptions),
    cvss: readMetrics(asFields(cve.metrics)),
    cwes: readWeaknesses(cve.weaknesses),
    references: readReferences(cve.references),
    configurations: readCpeConfigurations(cve.configurations),
  };
}

/** Reads a list of configurations, as NVD writes them and CVE records do (`cpeApplicability`). */
export function readCpeConfigurations(configurations: unknown): readonly CpeConfiguration[] {
  return asList(configurations).flatMap(readConfiguration);
}

function readDescription(descriptions: unknown): string | undefined {
  const english = asList(descriptions)
    .map(asFields)
    .find(({ lang }) => lang === 'en');
  return asText(english?.value);
}

function readMetrics(metrics: Readonly<Record<string, unknown>>): readonly Cvss[] {
  const all: Cvss[] = [];
  for (const [field, version] of METRICS) {
    for (const metric of asList(metrics[field]).map(asFields)) {
      const data = asFields(metric.cvssData);
      const vector = asText(data.vectorString);
      if (!vector) continue;
      const [score, type] = [asNumber(data.baseScore), asText(metric.type)];
      all.push({
        version: asText(data.version) ?? version,
        vector,
        ...(score !== undefined && { score }),
        source: asText(metric.source) ?? 'nvd',
        ...(type && { type }),
      });
    }
  }
  return all;
}

/** `NVD-CWE-noinfo` and `NVD-CWE-Other` are no weaknesses. */
function readWeaknesses(weaknesses: unknown): readonly string[] {
  const cwes = new Set<string>();
  for (const { description } of asList(weaknesses).map(asFields)) {
    for (const { value } of asList(description).map(asFields)) {
      const cwe = asText(value);
      if (cwe?.startsWith('CWE-')) cwes.add(cwe);
    }
  }
  return [...cwes];
}

/** Some years repeat their references, once for each that reported them. */
function readReferences(references: unknown): readonly Reference[] {
  const byUrl = new Map<string, Reference>();
  for (const reference of asList(references).map(asFields)) {
    const url = asText(reference.url);
    if (!url || byUrl.get(url)?.tags) continue;
    const tags = asTexts(reference.tags);
    byUrl.set(url, tags.length > 0 ? { url, tags } : { url });
  }
  return [...byUrl.values()];
}

function readConfiguration(stated: unknown): readonly CpeConfiguration[] {
  const { operator, negate, nodes } = asFields(stated);
  const read = asList(nodes).flatMap(readNode);
  return read.length === 0 ? [] : [{ operator: readOperator(operator), negate: negate === true, nodes: read }];
}

function readNode(stated: unknown): readonly CpeNode[] {
  const { operator, negate, cpeMatch } = asFields(stated);
  const criteria = asList(cpeMatch).flatMap(readCriteria);
  return criteria.length === 0 ? [] : [{ operator: readOperator(operator), negate: negate === true, criteria }];
}

const readOperator = (operator: unknown): 'AND' | 'OR' => (operator === 'AND' ? 'AND' : 'OR');

const BOUNDS = [
  'versionStartIncluding',
  'versionStartExcluding',
  'versionEndIncluding',
  'versionEndExcluding',
] as const;

function readCriteria(stated: unknown): readonly CpeCriteria[] {
  const fields = asFields(stated);
  const criteria = asText(fields.criteria);
  if (!criteria?.startsWith('cpe:2.3:')) return [];
  const bounds: { -readonly [Bound in (typeof BOUNDS)[number]]?: string } = {};
  for (const bound of BOUNDS) {
    const version = asText(fields[bound]);
    if (version) bounds[bound] = version;
  }
  return [{ criteria, vulnerable: fields.vulnerable === true, ...bounds }];
}
