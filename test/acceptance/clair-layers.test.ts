import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openState } from '../../src/state/open-state.ts';
import type { State } from '../../src/state/state.ts';
import { type LayersUnderTest, layersUnderTest } from '../posted-layers.ts';
import { tar } from '../tar.ts';
import { sharedData } from './shared-data.ts';

const data = sharedData();

interface FeaturesCase {
  readonly note: string;
  /** By path; `@./FILE` stands for a file of the recording. */
  readonly files: Readonly<Record<string, string>>;
  /** `name version`. */
  readonly features: readonly string[];
}

interface NamespaceCase extends Omit<FeaturesCase, 'features'> {
  readonly possibleResults: readonly string[];
}

const AS_FORMATS_SAY = "quirks of Clair's readers: files are read as their formats say";

/** What we list instead, and the line of the contract (clair-v1.md, "Decisions") that lets it. */
const FEATURES_DECIDED: Readonly<Record<string, readonly [features: readonly string[], decision: string]>> = {
  'source after version ignored': [['a 1.0-1'], 'Source counts wherever it stands'],
  'source with version after version: second feature': [['a 3-3'], 'Source counts wherever it stands'],
  'version before package': [['a 1.0-1'], AS_FORMATS_SAY],
  'deinstalled counted': [[], 'only installed ones count'],
  'line over 64KiB stops the scan': [['a 1', 'b 2', 'c 3'], AS_FORMATS_SAY],
  'status.d (distroless) not used': [['a 1'], AS_FORMATS_SAY],
  'empty Source': [['a 1'], AS_FORMATS_SAY],
  'two Version lines': [['a 2'], AS_FORMATS_SAY],
  'apk stanza without P then V': [['b 2-r1'], AS_FORMATS_SAY],
  'apk name with invalid version then V-only stanza': [[], AS_FORMATS_SAY],
};

const SUITES = 'old suite tables: suites up to today, by their code names';

const NAMESPACES_DECIDED: Readonly<Record<string, readonly [namespace: string, decision: string]>> = {
  'debian 12 single quotes kept': ['debian:12', AS_FORMATS_SAY],
  'usr/lib overrides etc': ['debian:9', 'etc/os-release wins'],
  'partial override: ID from etc, VERSION_ID from usr/lib': ['(none)', 'etc/os-release wins'],
  'alpine os-release alone': ['alpine:v3.7', AS_FORMATS_SAY],
  'rhel 7.9 minor kept': ['centos:7', 'rhel:7.9 is centos:7'],
  ol: ['oracle:7', 'ol:7.9 is oracle:7'],
  'opensuse unsupported': ['opensuse:15.1', AS_FORMATS_SAY],
  'leading space line': ['debian:9', AS_FORMATS_SAY],
  'lsb debian release line first: not cut': ['debian:7', AS_FORMATS_SAY],
  'lsb mint unsupported': ['linuxmint:19', AS_FORMATS_SAY],
  'apt: deb http://x stable main': ['(none)', SUITES],
  'apt: deb http://x testing main': ['(none)', SUITES],
  'apt: deb http://x bookworm main': ['debian:12', SUITES],
  'apt second line wins when first unknown': ['debian:12', SUITES],
  'apt: deb http://x stretch/updates main': ['debian:9', AS_FORMATS_SAY],
  'apt: deb http://x xenial-updates main': ['ubuntu:16.04', AS_FORMATS_SAY],
  'apt: deb http://x bionic universe': ['ubuntu:18.04', AS_FORMATS_SAY],
  'apt: deb [arch=amd64] http://x buster main': ['debian:10', AS_FORMATS_SAY],
  'apt: deb  http://x buster main': ['debian:10', AS_FORMATS_SAY],
  'apt: deb http://x buster\tmain': ['debian:10', AS_FORMATS_SAY],
  "alpine: '3.9'": ['alpine:v3.9', AS_FORMATS_SAY],
  "alpine: '3.8.0_rc1'": ['alpine:v3.8', AS_FORMATS_SAY],
  "alpine: '3.7.0 '": ['alpine:v3.7', AS_FORMATS_SAY],
  'etc/redhat-release: Red Hat Enterprise Linux release 8.0 (Ootpa)': ['centos:8', 'enterprise:8 is centos:8'],
  'etc/system-release: Red Hat Enterprise Linux release 8.0 (Ootpa)': ['centos:8', 'enterprise:8 is centos:8'],
  'etc/redhat-release: Amazon Linux release 2 (Karoo)': ['amzn:2', 'amazon:2 is amzn:2'],
  'etc/system-release: Amazon Linux release 2 (Karoo)': ['amzn:2', 'amazon:2 is amzn:2'],
  'etc/redhat-release: Amazon Linux AMI release 2018.03': ['amzn:2018.03', 'ami:2018 is amzn:2018.03'],
  'etc/system-release: Amazon Linux AMI release 2018.03': ['amzn:2018.03', 'ami:2018 is amzn:2018.03'],
  'empty redhat-release hides os-release': ['centos:7', AS_FORMATS_SAY],
};

describe.skipIf(!data)('layers as Clair reads them', () => {
  const folder = data ? join(data.un, 'clair-v1') : '';
  const read = <T>(name: string) => JSON.parse(readFileSync(join(folder, 'expected', name), 'utf8')) as readonly T[];
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-clair-layers-'));
  let state: State;
  let started: LayersUnderTest;
  beforeAll(async () => {
    state = await openState({ type: 'sqlite', file: join(directory, 'state.sqlite') });
    started = layersUnderTest({ state });
  });
  afterAll(async () => {
    await started[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  const tarOf = (files: Readonly<Record<string, string>>) =>
    tar(
      ...Object.entries(files).map(([path, body]) => ({
        path,
        body: body.startsWith('@') ? readFileSync(join(folder, body.slice(1))) : body,
      })),
    );

  test('features', async () => {
    const different: object[] = [];
    for (const { note, files, features } of read<FeaturesCase>('features.json')) {
      await started.post(note, tarOf({ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n', ...files }));
      const { Features = [] } = await started.get(note, 'features');
      const have = Features.map((it) => `${it.Name} ${it.Version}`).sort();
      const want = FEATURES_DECIDED[note]?.[0] ?? features.toSorted();
      if (JSON.stringify(have) !== JSON.stringify(want)) different.push({ note, have, want });
    }
    expect(different).toEqual([]);
  });

  test('namespaces', async () => {
    const different: object[] = [];
    for (const { note, files, possibleResults } of read<NamespaceCase>('namespaces.json')) {
      await started.post(`namespace ${note}`, tarOf(files));
      const { NamespaceName: have = '(none)' } = await started.get(`namespace ${note}`);
      const want = NAMESPACES_DECIDED[note] ? [NAMESPACES_DECIDED[note][0]] : possibleResults;
      if (!want.includes(have)) different.push({ note, have, want });
    }
    expect(different).toEqual([]);
  });
});
