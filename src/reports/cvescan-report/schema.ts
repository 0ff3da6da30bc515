import * as z from 'zod';
import { ANNOTATION_STATUSES } from '../../model/annotation.ts';
import { findingSchema, packageSchema, reportSchema, vulnerabilitySchema } from '../report-schema.ts';

// The shape of CVEScan's report, once: reports are read by it, and docs/reference/cvescan-report.schema.json is made from it. What is
// documented of the product's own reports is demanded; the rest is what ours have beside it, so that nothing is lost in between.

const scan = reportSchema.pick({
  ...{
    target: true,
    snapshot: true,
    namespace: true,
    repositoryCpes: true,
    layers: true,
    ledger: true,
    kernels: true,
    problems: true,
  },
});

const recipe = z.object({
  bpn: z.string().optional().describe('name of the recipe'),
  pv: z.string().optional().describe('version of the recipe'),
  cve_product: z.array(z.string()).optional().describe("NVD's names: product, or vendor:product"),
  cve_version: z.string().optional().describe("the version in NVD's numbering"),
  cve_whitelist: z.array(z.string()).optional(),
  patched_cves: z.array(z.string()).optional(),
  runtime: z.array(z.string()).optional(),
  src_uri: z.array(z.string()).optional(),
  config: z.record(z.string(), z.string()).optional().describe('kernel configuration, without CONFIG_'),
});

const annotation = z.object({
  scope: z.string().optional(),
  last_status: z.enum(ANNOTATION_STATUSES),
  last_vulnerable: z.boolean(),
  outdated: z.boolean().optional().describe('what it rests on has changed: it decides nothing'),
  legacy: z.boolean().optional().describe('from a file without logs: it decides nothing in VEX'),
  logs: z.array(
    z.object({
      timestamp: z.string(),
      status_change: z
        .object({ from: z.enum(ANNOTATION_STATUSES).optional(), to: z.enum(ANNOTATION_STATUSES).optional() })
        .optional(),
      vulnerable_change: z.boolean().optional(),
      comment: z.string(),
    }),
  ),
});

const vulnerability = vulnerabilitySchema.partial().extend({
  id: z.string().describe('a CVE, or another id where there is none'),
  package: z.string().optional().describe('id of a package of `packages`'),
  vulnerable: z.boolean().describe('in the end: the manual value where there is one, else the automatic one'),
  automatic_vulnerable: z.boolean().optional(),
  automatic_assessments: z
    .array(
      z.object({
        status: z
          .string()
          .describe('version mismatch, rejected, package whitelisted, package patched, patch applied …'),
        source: z.string().optional(),
        detail: z.string().optional(),
        evidence: z.record(z.string(), z.array(z.string())).optional(),
      }),
    )
    .optional(),
  annotation: annotation.optional().describe('in the words of the annotations file'),
  finding: findingSchema
    .omit({ vulnerability: true, packageId: true, assessments: true, annotation: true })
    .optional()
    .describe('what the JSON report says of it'),
});

/** CVEScan's report. */
export const cvescanReportSchema = z
  .object({
    version: z.string().optional(),
    metadata: z
      .object({
        name: z.string().optional().describe('what was scanned'),
        generated_at: z.string().optional(),
        generator: z.object({ name: z.string(), version: z.string() }).optional(),
        package_count: z.int().optional(),
        scan: scan.optional().describe('target, database and ledger, as the JSON report has them'),
      })
      .optional(),
    scope: reportSchema.shape.scope,
    runtimes: z
      .array(
        z.object({
          command: z.string(),
          options: z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())])).optional(),
          version: z.string().optional().describe('of the program'),
        }),
      )
      .describe('the commands that made the report, the first one first'),
    packages: z.array(packageSchema.partial().extend({ id: z.string(), ...recipe.shape })),
    vulnerabilities: z.array(vulnerability).describe('one for each vulnerability of each package'),
  })
  .meta({ title: 'CVEScan report' });

/** A report as it is read. */
export type StatedReport = z.infer<typeof cvescanReportSchema>;
