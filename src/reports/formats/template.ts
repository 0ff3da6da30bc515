import { ScannerError } from '../../model/errors.ts';
import type { ScanReport } from '../../model/scan-report.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { documentTime, TOOL } from '../document-identity.ts';
import { findingRows, isOpen } from '../finding-rows.ts';
import { actionText, fixText, reasonText, shownScore, titleOf } from '../finding-words.ts';
import { inPieces } from '../pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { findingOf, vulnerabilityOf } from '../report-members.ts';
import { parseTemplate, renderTemplate } from '../template.ts';
import { vulnerabilityUrl } from '../vulnerability-url.ts';

/** `-o template=FILE`: a text of your own, filled in with the report; docs/reference/template.md. */
export const templateFormat: ReportFormat = {
  name: 'template',
  title: 'a text of your own, filled in (docs/reference/template.md)',
  mediaType: 'text/plain; charset=utf-8',
  needsTemplate: true,

  render(report, { template, now }) {
    if (!template) throw new ScannerError('usage.invalid', 'a template is needed: -o template=FILE');
    return inPieces(renderTemplate(parseTemplate(template.text, template.name), [viewOf(report, now)]));
  },
};

/** What a template can name: the keys of the JSON report, and what is handier in a text. Documented in docs/reference/template.md. */
function viewOf(report: ScanReport, now: Date) {
  const rows = findingRows(report);
  const open = new Set(rows.filter(({ finding }) => isOpen(finding)).map(({ vulnerability }) => vulnerability.id));
  const worst = report.vulnerabilities.filter(({ id }) => open.has(id)).map(({ severity }) => severity);
  return {
    ...report,
    tool: TOOL,
    now: documentTime(now),
    counts: {
      ...Object.fromEntries(SEVERITIES.map((word) => [word, worst.filter((one) => one === word).length])),
      ...{ open: open.size, packages: report.packages.length, findings: rows.length },
    },
    findings: rows.map(({ finding, item, vulnerability, risk }) => ({
      ...findingOf(finding),
      ...{ risk, package: item, isOpen: isOpen(finding) },
      vulnerability: {
        ...vulnerabilityOf(vulnerability),
        url: vulnerabilityUrl(vulnerability.id),
        score: shownScore(vulnerability)?.score,
      },
      ...{ title: titleOf(vulnerability), fix: fixText(finding), action: actionText(finding, item.name) },
      reason: reasonText(finding),
    })),
  };
}
