import { asFields, asText } from '../../platform/json-values.ts';

/** CISA's catalogue: what we use of it. Source: known_exploited_vulnerabilities_schema.json beside the feed. */
export interface KevCatalog {
  /** Its edition, e.g. `2026.01.29`. */
  readonly version: string;
  /** As they stand there; each is read by `readKevEntry`. */
  readonly entries: readonly unknown[];
}

/** @returns undefined for what is no catalogue. */
export function readKevCatalog(value: unknown): KevCatalog | undefined {
  const { catalogVersion, vulnerabilities } = asFields(value);
  const version = asText(catalogVersion);
  return version && Array.isArray(vulnerabilities) ? { version, entries: vulnerabilities } : undefined;
}

/** One entry of the catalogue. */
export interface KevEntry {
  readonly id: string;
  /** `YYYY-MM-DD`, as `dueDate`. */
  readonly dateAdded: string;
  readonly dueDate: string | undefined;
  readonly name: string | undefined;
  readonly requiredAction: string | undefined;
  /** `Known` or `Unknown`; older editions say nothing. */
  readonly ransomwareUse: string | undefined;
}

/** @returns undefined when it has no CVE id or no date. */
export function readKevEntry(value: unknown): KevEntry | undefined {
  const fields = asFields(value);
  const [id, dateAdded] = [asText(fields.cveID), asDate(fields.dateAdded)];
  if (!id || !/^CVE-\d{4}-\d{4,}$/.test(id) || !dateAdded) return undefined;
  return {
    id,
    dateAdded,
    dueDate: asDate(fields.dueDate),
    name: asText(fields.vulnerabilityName),
    requiredAction: asText(fields.requiredAction),
    ransomwareUse: asText(fields.knownRansomwareCampaignUse),
  };
}

function asDate(value: unknown): string | undefined {
  const date = asText(value);
  return date && /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(Date.parse(date)) ? date : undefined;
}
