import {
  DETAILS_PER_BLOCK,
  type PageFinding,
  type PageFindingDetails,
  type PageHead,
  type PagePackage,
  type PageVulnerability,
  type PageVulnerabilityDetails,
} from '../../src/reports/page-data.ts';

/** A row of the table. */
export interface Row {
  /** Its place in the order by risk. */
  readonly index: number;
  readonly vulnerabilityIndex: number;
  readonly id: string;
  readonly aliases: string;
  readonly title: string;
  /** 0 to 1; -1 when nobody has forecast it. */
  readonly epss: number;
  readonly isExploited: boolean;
  /** CVSS; -1 when nobody has scored it. */
  readonly score: number;
  readonly name: string;
  readonly version: string;
  readonly namespace: string;
  readonly path: string;
  readonly layer: number;
  readonly source: string;
  /** Number of `SEVERITIES`. */
  readonly severity: number;
  readonly fix: string;
  readonly isOpen: boolean;
  readonly hasFix: boolean;
  /** All that a search looks at, in lower case. */
  readonly text: string;
}

/** The data of the page. */
export interface Report {
  readonly head: PageHead;
  readonly rows: readonly Row[];
  /** Read from their block when they are asked for. */
  detailsOf(row: Row): { readonly finding: PageFindingDetails; readonly vulnerability: PageVulnerabilityDetails };
}

/** Reads the blocks of the page. */
export function readReport(): Report {
  const packages = readAll<PagePackage>('packages');
  const vulnerabilities = readAll<PageVulnerability>('vulnerabilities');
  const rows = readAll<PageFinding>('findings').map((finding, index) =>
    toRow(index, finding, packages, vulnerabilities),
  );
  const findings = lazily<PageFindingDetails>('finding-details');
  const flaws = lazily<PageVulnerabilityDetails>('vulnerability-details');
  return {
    head: readBlocks('head')[0] as PageHead,
    rows,
    detailsOf: ({ index, vulnerabilityIndex }) => ({
      finding: findings(index),
      vulnerability: flaws(vulnerabilityIndex),
    }),
  };
}

function toRow(
  index: number,
  [vulnerabilityIndex, packageIndex, severity, fix, isOpen, hasFix]: PageFinding,
  packages: readonly PagePackage[],
  vulnerabilities: readonly PageVulnerability[],
): Row {
  const [id, aliases, title, epss, isExploited, score] = vulnerabilities[vulnerabilityIndex]!;
  const [name, version, namespace, path, layer, source] = packages[packageIndex]!;
  return {
    ...{ index, vulnerabilityIndex, id, aliases, title, epss, isExploited, score },
    ...{ name, version, namespace, path, layer, source, severity, fix, isOpen, hasFix },
    text: [id, aliases, name, version, source, namespace, path, fix, title].join('\n').toLowerCase(),
  };
}

function readBlocks(kind: string): unknown[] {
  return [...document.getElementsByClassName(kind)].map((block) => JSON.parse(block.textContent ?? ''));
}

function readAll<Item>(kind: string): Item[] {
  return (readBlocks(kind) as Item[][]).flat();
}

function lazily<Item>(kind: string): (index: number) => Item {
  const blocks = [...document.getElementsByClassName(kind)];
  const read = new Map<number, readonly Item[]>();
  return (index) => {
    const number = Math.floor(index / DETAILS_PER_BLOCK);
    if (!read.has(number)) read.set(number, JSON.parse(blocks[number]?.textContent ?? '[]'));
    return read.get(number)![index % DETAILS_PER_BLOCK]!;
  };
}
