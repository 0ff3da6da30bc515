import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { openSnapshot } from '../../src/advisories/open-snapshot.ts';
import type { FeedRecord } from '../../src/feeds/record.ts';
import type { Updater } from '../../src/feeds/updater.ts';
import { alpineUpdater } from '../../src/feeds/updaters/alpine.ts';
import { amazonUpdater } from '../../src/feeds/updaters/amazon.ts';
import { debianUpdater } from '../../src/feeds/updaters/debian.ts';
import { oracleUpdater } from '../../src/feeds/updaters/oracle.ts';
import { rhelUpdater } from '../../src/feeds/updaters/rhel.ts';
import { uctUpdater } from '../../src/feeds/updaters/uct.ts';
import { FeedView } from '../../src/server/vulnerabilities/feed-view.ts';
import { clairNamespaceOf } from '../../src/wire/clair-v1/project-namespace.ts';
import type { ClairVulnerability } from '../../src/wire/clair-v1/types.ts';
import { makeSampleDatabase } from '../sample-database.ts';
import { sharedData } from './shared-data.ts';

const data = sharedData();
const folder = data ? join(data.un, 'clair-v1') : '';

/** What Clair's own updater made of a file. */
interface ExpectedVulnerability {
  readonly name: string;
  readonly link: string;
  readonly severity: string;
  readonly description: string;
  readonly fixedIn: readonly { readonly namespace: string; readonly feature: string; readonly version: string }[];
}

interface FeedCase {
  readonly updater: Updater;
  /** As our updater calls the document. */
  readonly document: string;
  /** Below `testdata/ext/vulnsrc`. */
  readonly file: string;
  readonly read?: (bytes: Buffer) => Buffer;
}

const jsonOfYaml = (bytes: Buffer) => Buffer.from(JSON.stringify(parseYaml(bytes.toString())));

const FEEDS: Readonly<Record<string, FeedCase>> = {
  debian: { updater: debianUpdater, document: 'tracker.json', file: 'debian/testdata/fetcher_debian_test.json' },
  ubuntu: { updater: uctUpdater, document: 'active/CVE-2015-4471', file: 'ubuntu/testdata/fetcher_ubuntu_test.txt' },
  alpine: {
    updater: alpineUpdater,
    document: 'v3.4/main.json',
    file: 'alpine/testdata/v34_main.yaml',
    read: jsonOfYaml,
  },
  'oracle.1': { updater: oracleUpdater, document: 'errata', file: 'oracle/testdata/fetcher_oracle_test.1.xml' },
  'oracle.2': { updater: oracleUpdater, document: 'errata', file: 'oracle/testdata/fetcher_oracle_test.2.xml' },
  'rhel.1': { updater: rhelUpdater, document: 'a.oval.xml', file: 'rhel/testdata/fetcher_rhel_test.1.xml' },
  'rhel.2': { updater: rhelUpdater, document: 'a.oval.xml', file: 'rhel/testdata/fetcher_rhel_test.2.xml' },
  'amzn.1': {
    updater: amazonUpdater,
    document: 'updateinfo-2018.03.xml',
    file: 'amzn/testdata/amazon_linux_1_updateinfo.xml',
  },
  'amzn.2': {
    updater: amazonUpdater,
    document: 'updateinfo-2.xml',
    file: 'amzn/testdata/amazon_linux_2_updateinfo.xml',
  },
};

function xsa(number: string): string {
  const fix = `4.6.3-r${number === '190' ? 3 : number >= '185' ? 2 : 1}`;
  return `XSA-${number} alpine:v3.4 xen ${fix} Unknown https://cve.mitre.org/cgi-bin/cvename.cgi?name=XSA-${number}`;
}

/** Lines that we do not have, or that Clair has not, and why. */
const DECIDED: Readonly<
  Record<string, { readonly lacks: readonly string[]; readonly has: readonly string[]; readonly why: string }>
> = {
  debian: {
    lacks: [
      'CVE-2013-2685 debian:8 asterisk #MINV# Negligible https://security-tracker.debian.org/tracker/CVE-2013-2685',
      'CVE-2015-1323 debian:unstable aptdaemon 1.1.1+bzr982-1 Low https://security-tracker.debian.org/tracker/CVE-2015-1323',
    ],
    has: [
      'CVE-2015-1323 debian:unstable aptdaemon 1.1.1+bzr982-1 Unknown https://security-tracker.debian.org/tracker/CVE-2015-1323',
    ],
    why: 'what is not affected is not listed; an urgency counts in the release for which it is given',
  },
  alpine: {
    lacks: [],
    has: ['182', '183', '184', '185', '186', '187', '190'].map(xsa),
    why: 'Clair takes "CVE-2016-5403 XSA-184" for one name; these are two ids',
  },
  ubuntu: {
    lacks: [
      'CVE-2015-4471 ubuntu:14.10 libmspack-anotherpkg #MINV# Medium http://people.ubuntu.com/~ubuntu-security/cve/CVE-2015-4471',
    ],
    has: [
      'CVE-2015-4471 ubuntu:13.10 libmspack-anotherpkg None Medium http://people.ubuntu.com/~ubuntu-security/cve/CVE-2015-4471',
      'CVE-2015-4471 ubuntu:14.10 libmspack None Medium http://people.ubuntu.com/~ubuntu-security/cve/CVE-2015-4471',
    ],
    why: 'what is not affected is not listed; "ignored" is affected without a fix (server.md 3.3), in all releases that Ubuntu had',
  },
};

describe.skipIf(!data)("feeds as Clair's updaters read them", () => {
  for (const [name, feed] of Object.entries(FEEDS)) {
    test(name, async () => {
      const { vulnerabilities } = JSON.parse(readFileSync(join(folder, 'expected', `${name}.json`), 'utf8')) as {
        readonly vulnerabilities: readonly ExpectedVulnerability[];
      };
      const shown = await shownBy(feed);
      const have = new Set(shown.flatMap(linesOf));
      const want = new Set(vulnerabilities.flatMap((it) => linesExpected(it, shown)));
      const { lacks = [], has = [] } = DECIDED[name] ?? {};
      expect([...want.difference(have)].sort()).toEqual(lacks);
      expect([...have.difference(want)].sort()).toEqual(has);
    });
  }
});

/** The vulnerabilities of all namespaces of a feed's file. */
async function shownBy({
  updater,
  document,
  file,
  read = (bytes) => bytes,
}: FeedCase): Promise<readonly ClairVulnerability[]> {
  const bytes = read(readFileSync(join(folder, 'testdata/ext/vulnsrc', file)));
  const stream = async function* () {
    yield bytes;
  };
  const body = { sizeBytes: bytes.length, stream, bytes: async () => bytes, text: async () => bytes.toString() };
  const records: FeedRecord[] = [];
  for await (const part of updater.parse({ name: document, revision: '1', body }, { problem: () => {} }))
    records.push(...part.records);
  const namespaces = [...new Set(records.flatMap((it) => (it.kind === 'advisory' ? [it.namespace] : [])))];
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-clair-updaters-'));
  try {
    await makeSampleDatabase(directory, { [updater.name]: { namespaces, records } }, new Date('2026-01-01T00:00:00Z'));
    using snapshot = openSnapshot(directory);
    const view = new FeedView(snapshot);
    return [...new Set(namespaces.map(clairNamespaceOf))].flatMap((namespace) =>
      view.list(namespace, { from: 0, limit: 10_000 }).map(({ vulnerability }) => vulnerability),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const errataOf = ({ Metadata }: ClairVulnerability) => (Metadata?.Advisories ?? []) as readonly string[];

function linesOf(vulnerability: ClairVulnerability): readonly string[] {
  const { Name, FixedIn = [], Severity, Link } = vulnerability;
  // Of several errata one gives the link, the gravest the severity.
  const about = errataOf(vulnerability).length > 1 ? '' : ` ${Severity} ${Link}`;
  return FixedIn.map((fix) => `${Name} ${fix.NamespaceName} ${fix.Name} ${fix.Version}${about}`);
}

/** By CVE where Clair has the erratum: each of the vulnerabilities that name it has what it says. Of two ids the CVE is the name. */
function linesExpected(expected: ExpectedVulnerability, shown: readonly ClairVulnerability[]): readonly string[] {
  const { name, link, severity, fixedIn } = expected;
  const named = shown.filter((it) => errataOf(it).includes(name));
  const [cve] = /^CVE-\S+/.exec(name) ?? [];
  const plain = { Name: cve ?? name, Metadata: {} };
  return (named.length > 0 ? named : [plain]).flatMap((each) => {
    const shownLink = cve === undefined ? link : link.replace(name, cve);
    const about = errataOf(each).length > 1 ? '' : ` ${severity} ${shownLink}`;
    return fixedIn.map(({ namespace, feature, version }) => {
      const fix = version === '#MAXV#' ? 'None' : version;
      return `${each.Name} ${namespace} ${feature} ${fix}${about}`;
    });
  });
}
