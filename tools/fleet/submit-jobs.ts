import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** Packages of the sample database, some of them affected. */
const PACKAGES = [
  ['pkg:deb/debian/openssl@3.0.11-1~deb12u2?distro=debian-12', 'openssl', '3.0.11-1~deb12u2'],
  ['pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?distro=debian-12', 'zlib1g', '1:1.2.13.dfsg-1'],
  ['pkg:npm/minimist@1.2.5', 'minimist', '1.2.5'],
  ['pkg:npm/lodash@4.17.11', 'lodash', '4.17.11'],
] as const;

/** A document of its own for each number. */
function documentOf(number: number): Buffer {
  const components = PACKAGES.map(([purl, name, version]) => ({ type: 'library', name, version, purl }));
  const own = { type: 'library', name: `own-${number}`, version: '1.0.0', purl: `pkg:npm/own-${number}@1.0.0` };
  return Buffer.from(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [...components, own] }));
}

/** Where jobs are submitted, and how. */
export interface Submitting {
  readonly endpoint: string;
  readonly token: string;
  readonly count: number;
  /** Makes keys of this run. */
  readonly run: string;
}

const AT_ONCE = 8;

/** Submits scans, each until it is taken: the same again is the same scan, so a lost answer doubles none. @returns their ids. */
export async function submitJobs({ endpoint, token, count, run }: Submitting): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) ids.add(await submit(number));
  };
  const submit = async (number: number): Promise<string> => {
    const document = documentOf(number);
    const sha256 = createHash('sha256').update(document).digest('hex');
    const content = gzipSync(document).toString('base64');
    const body = JSON.stringify({
      name: `${run} ${number}`,
      target: { kind: 'sbom', encoding: 'gzip+base64', content, sha256 },
    });
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': `${run} ${number}`,
    };
    for (;;) {
      const response = await fetch(`${endpoint}/api/v1/scans`, { method: 'POST', headers, body }).catch(
        () => undefined,
      );
      if (response?.status === 202) return ((await response.json()) as { id: string }).id;
      if (response && response.status < 500)
        throw new Error(`a scan was refused: ${response.status} ${await response.text()}`);
      await sleep(200);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return ids;
}
