import * as z from 'zod';
import { ANNOTATION_STATUSES } from '../model/annotation.ts';
import { ASSESSMENT_STATUSES } from '../model/assessment.ts';
import { CONFIDENCES } from '../model/confidence.ts';
import { KERNEL_STAGES } from '../model/kernel-verdict.ts';
import { LEDGER_CLASSES } from '../model/ledger.ts';
import { SEVERITIES } from '../model/severity.ts';
import { FIX_STATES } from '../model/status.ts';

// The shape of our JSON report, once: reports are read back by it, and docs/reference/report.schema.json is made from it.

const severity = z.enum(SEVERITIES);
const status = z.enum(['affected', 'not_affected', 'fixed', 'under_investigation']).describe("OpenVEX's words");
const advisoryStatus = z.enum(['affected', 'not_affected', 'under_investigation']);
const fixState = z.enum(FIX_STATES).describe('what the publisher does about it');
const confidence = z
  .enum(CONFIDENCES)
  .describe(
    'exact: vendor and product; wildcard: the inventory leaves open what decides; product: another vendor; guessed: by name',
  );
const digest = z.string().describe('sha256:<hex>');

const sourcePackage = z.object({ name: z.string(), version: z.string() });

const location = z.object({
  layer: digest.optional().describe('of the layer that brought the package'),
  path: z.string().describe('of the file that says so, inside the image'),
});

const target = z.object({
  kind: z.enum(['image', 'directory', 'sbom']),
  name: z.string().describe('as the user named it'),
  digest: digest.optional(),
  platform: z.string().optional().describe('os/arch[/variant]'),
  serialNumber: z.string().optional().describe('of an SBOM that states one'),
});

const snapshotSource = z.object({
  name: z.string(),
  updatedAt: z.string().describe('the last successful read'),
  dataDate: z.string().optional().describe('as the publisher dates its data'),
  partCount: z.int(),
  recordCount: z.int(),
  problemCount: z.int(),
});

const layer = z.object({
  index: z.int().describe('0 is the lowest'),
  digest: z.string(),
  createdBy: z.string().optional(),
  verification: z.enum(['verified', 'not_verified']).describe('whether its bytes were compared with its digest'),
});

/** A package. */
export const packageSchema = z.object({
  id: z.string().describe('unique within the report'),
  name: z.string(),
  version: z.string().describe('empty when none is stated'),
  arch: z.string().optional(),
  namespace: z.string().optional().describe('e.g. debian:12, npm'),
  type: z.string().describe("the purl's type"),
  purl: z.string().optional(),
  source: sourcePackage.optional().describe('what it was built from'),
  module: z.string().optional().describe('modularity label of an rpm'),
  locations: z.array(location),
  removedBy: z.string().optional().describe('digest of the layer that removed it (--layers all)'),
  filtered: z.string().optional().describe('why it takes no part in matching'),
  versionScheme: z.string(),
  cpes: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.string()).optional(),
});

const cvss = z.object({
  version: z.string(),
  vector: z.string(),
  score: z.number().optional(),
  source: z.string().describe('who scored'),
  type: z.string().optional(),
});

/** A vulnerability. */
export const vulnerabilitySchema = z.object({
  id: z.string().describe('the CVE, else GHSA, else the first id by text'),
  aliases: z.array(z.string()),
  severity: severity.describe('the highest of its findings'),
  cvss: z.array(cvss).describe('the one to be shown first'),
  epss: z.object({ score: z.number(), percentile: z.number().optional() }).optional(),
  kev: z
    .object({
      dateAdded: z.string(),
      dueDate: z.string().optional(),
      name: z.string().optional(),
      requiredAction: z.string().optional(),
      knownRansomwareUse: z.boolean().optional(),
    })
    .optional(),
  ssvc: z
    .object({
      exploitation: z.string().optional(),
      automatable: z.string().optional(),
      technicalImpact: z.string().optional(),
      source: z.string(),
    })
    .optional()
    .describe("CISA's decision points"),
  summary: z.string().optional(),
  description: z.string().optional(),
  cwes: z.array(z.string()),
  references: z.array(z.object({ url: z.string(), tags: z.array(z.string()).optional() })),
  published: z.string().optional(),
  modified: z.string().optional(),
});

const range = z
  .object({ introduced: z.string(), fixed: z.string().optional(), lastAffected: z.string().optional() })
  .describe('introduced <= v < fixed, or up to and with lastAffected; "0" is the beginning of all versions');

const identity = z.object({
  by: z.enum(['name', 'source package', 'purl', 'cpe']),
  name: z.string().describe('of a CPE its formatted string'),
  version: z.string(),
  confidence: confidence.optional().describe('of a CPE: how surely it names what the criterion speaks of'),
  doubt: z.string().optional().describe('why the confidence is not higher'),
  targetSoftware: z.string().optional().describe('what the package is made for, as its ecosystem says'),
});

const product = z.object({
  criterion: z
    .object({
      criteria: z.string(),
      vulnerable: z.boolean(),
      versionStartIncluding: z.string().optional(),
      versionStartExcluding: z.string().optional(),
      versionEndIncluding: z.string().optional(),
      versionEndExcluding: z.string().optional(),
    })
    .describe('the one that decided'),
  needs: z.array(z.string()).optional().describe('CPEs of which one must be there too'),
  isDisproved: z.boolean().optional().describe('that the inventory has none of them'),
});

const advisory = z.object({
  source: z.string().describe('the updater that it came from'),
  advisoryId: z.string(),
  vulnerabilityId: z.string(),
  part: z.string().describe('of the feed'),
  revision: z.string().describe('of the part'),
  status: advisoryStatus,
  fixState,
  affected: z.array(range),
  versions: z.array(z.string()).optional(),
  qualifiers: z
    .object({
      arches: z.array(z.string()).optional(),
      module: z.string().optional(),
      repositoryCpes: z.array(z.string()).optional(),
    })
    .optional(),
  product: product.optional().describe('where a CPE matched'),
  note: z.string().optional(),
  link: z.string().optional(),
});

const comparison = z.object({
  scheme: z.string(),
  version: z.string(),
  outcome: z.enum(['affected', 'not_affected', 'undecided']),
  range: range.optional(),
  reason: z.string(),
});

const proof = z.object({
  package: z.object({
    name: z.string(),
    version: z.string(),
    versionScheme: z.string(),
    namespace: z.string(),
    source: sourcePackage.optional(),
    arch: z.string().optional(),
    module: z.string().optional(),
    locations: z.array(location),
  }),
  identity: identity.describe('how the name and version that were compared follow from the package'),
  advisory,
  comparison: comparison.describe('the one that decided'),
  others: z
    .array(z.object({ identity, advisory, status, comparison }))
    .optional()
    .describe('what other statements on the same vulnerability say of this package'),
});

const assessment = z.object({
  status: z.enum(ASSESSMENT_STATUSES),
  source: z.string(),
  detail: z.string(),
  evidence: z.record(z.string(), z.array(z.string())).describe('by kind: commits, files, symbols, patches'),
});

const vexStatement = z.object({
  status,
  author: z.string(),
  document: z.string().describe('as the user named it'),
  at: z.string().optional(),
  justification: z.string().optional(),
  detail: z.string().optional(),
});

const annotation = z.object({
  status: z.enum(ANNOTATION_STATUSES),
  isVulnerable: z.boolean(),
  scope: z.string().optional(),
  isOutdated: z.boolean().optional(),
  isLegacy: z.boolean().optional(),
  log: z.array(
    z.object({
      at: z.string(),
      comment: z.string(),
      from: z.enum(ANNOTATION_STATUSES).optional(),
      to: z.enum(ANNOTATION_STATUSES).optional(),
      changesVulnerable: z.boolean().optional(),
    }),
  ),
});

/** A finding. */
export const findingSchema = z.object({
  fingerprint: z.string().describe('identity across runs of the same version'),
  issueKey: z.string().describe('the same without the version'),
  vulnerability: z.object({ id: z.string(), aliases: z.array(z.string()) }),
  packageId: z.string(),
  severity: z.object({ word: severity, source: z.string() }),
  status,
  fixState,
  fixedVersions: z.array(z.string()),
  confidence: confidence
    .optional()
    .describe('how surely a CPE names the package; absent where it was matched by its name'),
  introducedBy: z.object({ layer: z.string(), index: z.int(), createdBy: z.string().optional() }).optional(),
  assessments: z.array(assessment).optional().describe('automatic verdicts'),
  vex: z.array(vexStatement).optional().describe('what VEX documents say: the newest statement of each author'),
  contradiction: z
    .string()
    .optional()
    .describe('where VEX authors contradict each other, or the evidence; then nothing is cleared'),
  annotation: annotation.optional().describe("a person's verdict"),
  automaticStatus: status.optional().describe('what the status were without the annotation'),
  ignored: z.object({ reason: z.string(), expires: z.string().optional() }).optional().describe('by an ignore rule'),
  proof,
});

const ledger = z.object({
  components: z.int(),
  ...(Object.fromEntries(LEDGER_CLASSES.map((name) => [name, z.int()])) as Record<
    (typeof LEDGER_CLASSES)[number],
    z.ZodInt
  >),
  notAssessed: z.array(z.object({ packageId: z.string(), class: z.enum(LEDGER_CLASSES), reason: z.string() })),
});

const problem = z.object({
  code: z.string(),
  message: z.string(),
  path: z.string().optional(),
  layer: z.string().optional(),
});

const kernel = z.object({
  packageIds: z.array(z.string()),
  release: z.string().optional().describe('as it is stated'),
  version: z.string().optional().describe('as upstream writes it'),
  arch: z.string().optional().describe('folder below arch/'),
  funnel: z.object({
    all: z.int(),
    productMatch: z.int(),
    branchAware: z.int(),
    afterCommits: z.int(),
    afterConfig: z.int(),
  }),
  stages: z.array(z.object({ stage: z.enum(KERNEL_STAGES), isUsed: z.boolean(), detail: z.string() })),
});

/** The JSON report. */
export const reportSchema = z
  .object({
    schemaVersion: z.string().regex(/^1\.\d+$/),
    target,
    snapshot: z.object({ id: z.string(), sources: z.array(snapshotSource) }).describe('the advisory database'),
    scope: z
      .object({ transversal: z.string().optional(), project: z.string().optional(), component: z.string().optional() })
      .optional()
      .describe('for what it was made'),
    namespace: z.string().optional(),
    repositoryCpes: z.array(z.string()).optional().describe('of the repositories of a Red Hat image'),
    layers: z.array(layer),
    packages: z.array(packageSchema),
    vulnerabilities: z.array(vulnerabilitySchema),
    findings: z.array(findingSchema),
    ledger: ledger.describe('every component in one class; the classes add up'),
    kernels: z
      .array(kernel)
      .optional()
      .describe('the kernels among the packages; docs/reference/kernel-report.md tells of funnel and stages'),
    problems: z.array(problem),
  })
  .meta({ title: 'cvescan report' });
