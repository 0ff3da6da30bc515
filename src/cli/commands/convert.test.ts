import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';

const inventory = JSON.stringify({
  version: '1.0.0',
  packages: {
    busybox: {
      ...{ cve_product: ['busybox:busybox'], cve_version: '1.36.1', bpn: 'busybox', pv: '1.36.1' },
      ...{
        cve_whitelist: ['CVE-2022-28391'],
        patched_cves: ['CVE-2024-58251'],
        src_uri: ['https://busybox.net/x.tar.bz2'],
      },
    },
  },
});

async function convert(stdin: string, format: string, ...options: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommandLine(['convert', '-', '-o', format, ...options], { stdin });
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

describe('convert', () => {
  for (const format of ['cyclonedx-json', 'cyclonedx-xml', 'spdx-json']) {
    test(`by way of ${format} an inventory stays what it is`, async () => {
      const there = await convert(inventory, format);
      const [direct, back] = [await convert(inventory, 'cvescan'), await convert(there, 'cvescan')];
      expect(JSON.parse(back)).toEqual(JSON.parse(direct));
      expect(Object.values(JSON.parse(direct).packages)).toMatchObject([JSON.parse(inventory).packages.busybox]);
    });
  }

  test('the release may be named', async () => {
    const purls = await convert('pkg:deb/debian/bash@5.2.15-2', 'json', '--distro', 'debian:12');
    expect(JSON.parse(purls).packages).toMatchObject([{ namespace: 'debian:12' }]);
  });

  test('a format must be named', async () => {
    expect(await runCommandLine(['convert', '-'], { stdin: inventory })).toMatchObject({ code: 2 });
  });
});
