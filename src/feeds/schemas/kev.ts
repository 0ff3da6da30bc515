import { z } from 'zod';

const text = z.string().min(1);

/** CISA's catalogue as published: `known_exploited_vulnerabilities_schema.json`. Entries are read one by one. */
export const kevCatalog = z.object({
  catalogVersion: text,
  count: z.number().int().nonnegative().optional(),
  vulnerabilities: z.array(z.unknown()),
});

/** One entry of the catalogue; what we do not use is not looked at. */
export const kevEntry = z.object({
  cveID: z.string().regex(/^CVE-\d{4}-\d{4,}$/),
  vulnerabilityName: z.string().optional(),
  dateAdded: z.iso.date(),
  dueDate: z.iso.date().optional(),
  requiredAction: z.string().optional(),
  knownRansomwareCampaignUse: z.string().optional(),
});
