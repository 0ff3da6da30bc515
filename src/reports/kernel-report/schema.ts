import * as z from 'zod';
import { KERNEL_CONFIDENCES, KERNEL_STAGES } from '../../model/kernel-verdict.ts';

// The shape of the answer of `cvescan kernel`; docs/reference/kernel-report.schema.json is made from it.

const stage = z.enum(KERNEL_STAGES).describe('docs/how-to/judge-a-kernel.md tells what each may say');
const justification = z.enum(['code_not_present', 'requires_configuration']).describe("CycloneDX's words");
const commit = z.string().describe('id of a commit, 7 to 40 hex digits');

const evidence = z
  .object({
    stage,
    verdict: z.enum(['affected', 'fixed', 'not_affected']).optional().describe('absent: this stage cannot tell'),
    justification: justification.optional(),
    confidence: z.enum(KERNEL_CONFIDENCES).optional(),
    reason: z.string().describe('a sentence'),
  })
  .catchall(z.array(z.string()))
  .describe('what one stage says, and by kind what it rests on: breaks, fixes, commits, files, symbols …');

const verdict = z.object({
  id: z.string().describe('the CVE'),
  title: z.string().optional().describe('subject of its mainline fix'),
  status: z.enum(['affected', 'fixed', 'not_affected', 'under_investigation']),
  justification: justification.optional().describe('beside not_affected'),
  decidedBy: stage.optional(),
  available: z
    .object({ release: z.string(), commits: z.array(commit) })
    .optional()
    .describe('beside an open one: the lowest later release that holds its fix, of the same branch where there is one'),
  evidence: z.array(evidence),
});

/** The answer of `cvescan kernel`. */
export const kernelReportSchema = z
  .object({
    schemaVersion: z.string(),
    snapshot: z.object({ id: z.string() }).describe('the advisory database that was asked'),
    kernel: z.object({
      release: z.string().optional().describe('as it is stated: 6.1.176-1'),
      version: z.string().optional().describe('as upstream writes it: 6.1.176'),
      arch: z.string().optional().describe('folder below arch/'),
    }),
    funnel: z
      .object({
        all: z.int().describe("published by the kernel's CVE team"),
        productMatch: z.int().describe('any range of any branch holds the version'),
        branchAware: z.int().describe('open on the own branch'),
        afterCommits: z.int().describe('after commits, changelogs and statements too'),
        afterConfig: z.int().describe('after the configuration too'),
      })
      .describe('how many are left after each step'),
    stages: z.array(z.object({ stage, used: z.boolean(), detail: z.string() })),
    verdicts: z.array(verdict).describe("one for each CVE of the kernel's CVE team, or for those asked for"),
  })
  .meta({ title: 'Verdicts on a Linux kernel' });
