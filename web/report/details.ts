import type { PageFindingDetails, PageHead, PageVulnerabilityDetails } from '../../src/reports/page-data.ts';
import type { Row } from './data.ts';
import { type Child, element, link } from './element.ts';
import { epssText, severityMark } from './list.ts';

/** All that is known of a finding, with its proof. */
export interface Details {
  readonly row: Row;
  readonly finding: PageFindingDetails;
  readonly vulnerability: PageVulnerabilityDetails;
}

/** The panel of a finding. */
export function detailsOf({ row, finding, vulnerability }: Details, head: PageHead, close: () => void): HTMLElement {
  return element(
    'aside',
    { class: 'details', tabindex: -1, 'aria-label': `${row.id} in ${row.name}` },
    element(
      'button',
      { type: 'button', class: 'close', title: 'close (Esc)', 'aria-label': 'close', click: close },
      '×',
    ),
    element('h2', {}, link(vulnerability.url, row.id)),
    row.title === '' ? undefined : element('p', { class: 'lead' }, row.title),
    element('p', { class: 'marks' }, severityMark(row.severity), ` by ${finding.severity.source}`),
    facts(packageFacts(row, finding, head)),
    section('What to do', facts(actionFacts(row, finding)), ...verdicts(finding)),
    section('How bad, how likely', facts(riskFacts(row, vulnerability))),
    textSection(vulnerability),
    section('Why it is listed', facts(proofFacts(finding)), ...voices(finding)),
    referenceSection(vulnerability),
    facts([
      ['fingerprint', code(finding.fingerprint)],
      ['issue key', code(finding.issueKey)],
    ]),
  );
}

type Fact = readonly [name: string, value: Child | readonly Child[]];

/** Facts that have a value, as a list of terms. */
function facts(all: readonly Fact[]): HTMLElement {
  const list = element('dl');
  for (const [name, value] of all) {
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) continue;
    list.append(element('dt', {}, name), element('dd', {}, ...(Array.isArray(value) ? value : [value as Child])));
  }
  return list;
}

function section(title: string, ...children: readonly Child[]): HTMLElement {
  return element('section', {}, element('h3', {}, title), ...children);
}

function code(text: string): HTMLElement {
  return element('code', {}, text);
}

function packageFacts(row: Row, { purl, arch, locations, introducedBy }: PageFindingDetails, head: PageHead): Fact[] {
  const layer = introducedBy ?? head.layers[row.layer];
  const made = layer?.createdBy;
  return [
    ['package', element('b', {}, `${row.name} ${row.version}`)],
    ['built from', row.source === row.name ? '' : row.source],
    ['release', row.namespace],
    ['architecture', arch],
    ['found in', locations.flatMap(({ path }, n) => [n > 0 ? element('br') : undefined, code(path)])],
    ['brought by', layer && element('span', {}, `layer ${layer.index}`, ...(made ? [': ', code(made)] : []))],
    ['purl', purl === undefined ? undefined : code(purl)],
  ];
}

function actionFacts(row: Row, { status, fixedVersions, fixState, reason }: PageFindingDetails): Fact[] {
  return [
    ['status', status.replaceAll('_', ' ')],
    ['fixed in', fixedVersions.length > 0 ? element('b', { class: 'has-fix' }, fixedVersions.join(', ')) : undefined],
    ['fix', fixedVersions.length > 0 ? '' : fixState.replaceAll('_', ' ')],
    ['reason', row.isOpen ? '' : reason],
  ];
}

/** What people and assessments say of it. */
function verdicts({ assessments = [], vex = [], contradiction, annotation, ignored }: PageFindingDetails): Child[] {
  return [
    contradiction === undefined ? undefined : facts([['contradiction', contradiction]]),
    annotation &&
      facts([
        ['annotation', `${annotation.status}${annotation.isOutdated ? ' (outdated)' : ''}`],
        ...annotation.log.map(({ at, comment }): Fact => [at.slice(0, 10), comment]),
      ]),
    ...assessments.map(({ status, source, detail, evidence }) =>
      facts([
        ['assessment', `${status}, says ${source}`],
        ['because', detail],
        ...Object.entries(evidence).map(([kind, values]): Fact => [kind, values.join(', ')]),
      ]),
    ),
    ...vex.map(({ author, status, justification, detail, document }) =>
      facts([
        [
          `VEX of ${author}`,
          [status, justification]
            .filter((word) => word !== undefined)
            .join(', ')
            .replaceAll('_', ' '),
        ],
        ['because', detail],
        ['document', code(document)],
      ]),
    ),
    ignored &&
      facts([
        ['ignored', ignored.reason],
        ['until', ignored.expires ?? 'it is taken back'],
      ]),
  ];
}

function riskFacts(row: Row, { cvss, kev, ssvc, epss }: PageVulnerabilityDetails): Fact[] {
  const percentile =
    epss?.percentile === undefined ? '' : `, more than ${Math.floor(epss.percentile * 1000) / 10} % of all flaws`;
  const ssvcWords = ssvc && [
    ssvc.exploitation,
    ssvc.automatable && `automatable: ${ssvc.automatable}`,
    ssvc.technicalImpact,
  ];
  return [
    ...cvss.map(
      ({ version, score, vector, source }): Fact => [
        `CVSS ${version}`,
        [element('b', {}, score === undefined ? '' : `${score.toFixed(1)} `), code(vector), ` ${source}`],
      ],
    ),
    ['EPSS', row.epss < 0 ? '' : `${epssText(row.epss)} within 30 days${percentile}`],
    [
      'exploited',
      kev &&
        `since ${kev.dateAdded} on CISA's list${kev.dueDate ? `, to be mended by ${kev.dueDate}` : ''}${kev.knownRansomwareUse ? ', used by ransomware' : ''}`,
    ],
    ['required', kev?.requiredAction],
    ['SSVC', ssvcWords?.filter((word) => word !== undefined).join(', ')],
  ];
}

function textSection({ description, cwes, published, modified }: PageVulnerabilityDetails): HTMLElement {
  return section(
    'What it is',
    description === undefined ? undefined : element('p', { class: 'text' }, description),
    facts([
      ['weakness', cwes.join(', ')],
      ['published', published?.slice(0, 10)],
      ['modified', modified?.slice(0, 10)],
    ]),
  );
}

function proofFacts({ proof: { identity, advisory, comparison }, confidence }: PageFindingDetails): Fact[] {
  const named = `${advisory.advisoryId} of ${advisory.source}`;
  return [
    ['asked as', `${identity.name} ${identity.version}, by ${identity.by}${confidence ? ` (${confidence})` : ''}`],
    ['advisory', advisory.link === undefined ? named : link(advisory.link, named)],
    ['it says', advisory.status.replaceAll('_', ' ')],
    ['comparison', [code(comparison.reason), ` (${comparison.scheme})`]],
    ['note', advisory.note],
    ['feed', `part ${advisory.part}, revision ${advisory.revision}`],
  ];
}

function voices({ proof: { others = [] } }: PageFindingDetails): Child[] {
  return others.map(({ advisory, status, comparison }) =>
    facts([[`${advisory.advisoryId} of ${advisory.source}`, `${status.replaceAll('_', ' ')}: ${comparison.reason}`]]),
  );
}

function referenceSection({ references }: PageVulnerabilityDetails): Child {
  if (references.length === 0) return undefined;
  const items = references.map(({ url, tags = [] }) =>
    element('li', {}, link(url), tags.length > 0 ? element('small', {}, ` ${tags.join(', ')}`) : undefined),
  );
  return section('References', element('ul', { class: 'references' }, ...items));
}
