import { describe, expect, test } from 'vitest';
import type { Problem } from '../model/problem.ts';
import { detectNamespace } from './detect-namespace.ts';
import type { NamespaceDetector } from './detector.ts';

const detect = (texts: Readonly<Record<string, string>>) => {
  const problems: Problem[] = [];
  const detected = detectNamespace(new Map(Object.entries(texts)), (it) => problems.push(it));
  return { namespace: detected?.namespace, repositoryCpes: detected?.repositoryCpes, problems };
};

const osRelease = (text: string) => ({ 'etc/os-release': text });

describe('the namespace of real images', () => {
  for (const [shows, texts, namespace] of [
    ['distroless says Debian', osRelease('PRETTY_NAME="Distroless"\nID="debian"\nVERSION_ID="12"\n'), 'debian:12'],
    ['Wolfi has no releases', osRelease('ID=wolfi\nVERSION_ID="20230201"\n'), 'wolfi'],
    ['Chainguard has none either', osRelease('ID=chainguard\nVERSION_ID="20230214"\n'), 'chainguard'],
    ['Amazon Linux 2', osRelease('ID="amzn"\nVERSION_ID="2"\n'), 'amzn:2'],
    ['SLES', osRelease('ID="sles"\nVERSION="15-SP3"\nVERSION_ID="15.3"\n'), 'sles:15.3'],
    ['Mariner is Azure Linux', osRelease('ID=mariner\nVERSION_ID="2.0"\n'), 'azurelinux:2'],
    ['single quotes', osRelease("ID='rocky'\nVERSION_ID='9.3'\n"), 'rocky:9'],
    ['Windows line ends', osRelease('ID=alpine\r\nVERSION_ID=3.20.3\r\n'), 'alpine:v3.20'],
    ['the last of two lines counts', osRelease('ID=fedora\nID=debian\nVERSION_ID=12\n'), 'debian:12'],
    ['a comment is none', osRelease('#ID=fedora\nID=debian\nVERSION_ID=12\n'), 'debian:12'],
    [
      'etc wins over usr/lib',
      { 'etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"', 'usr/lib/os-release': 'ID=debian\nVERSION_ID=12' },
      'ubuntu:22.04',
    ],
    ['usr/lib where there is no other', { 'usr/lib/os-release': 'ID=debian\nVERSION_ID=12' }, 'debian:12'],
    [
      'usr/lib where etc says nothing',
      { 'etc/os-release': '\n', 'usr/lib/os-release': 'ID=debian\nVERSION_ID=12' },
      'debian:12',
    ],
    [
      'Debian testing by its code name',
      osRelease('PRETTY_NAME="Debian GNU/Linux forky/sid"\nVERSION_CODENAME=forky\nID=debian\n'),
      'debian:14',
    ],
    [
      'Debian testing before it had a code name field',
      osRelease('PRETTY_NAME="Debian GNU/Linux bookworm/sid"\nID=debian\n'),
      'debian:12',
    ],
    [
      'Debian unstable by its sources',
      {
        ...osRelease('PRETTY_NAME="Debian GNU/Linux forky/sid"\nVERSION_CODENAME=forky\nID=debian\n'),
        'etc/apt/sources.list.d/debian.sources':
          'Types: deb\nURIs: http://deb.debian.org/debian\nSuites: sid\nComponents: main\n',
      },
      'debian:sid',
    ],
    ['a code name of another distribution is none', osRelease('ID=debian\nVERSION_CODENAME=jammy\n'), undefined],
    ['Ubuntu before os-release', { 'etc/lsb-release': 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\n' }, 'ubuntu:12.04'],
    [
      'Debian by lsb_release',
      { 'etc/lsb-release': 'DISTRIB_ID=Debian\nDISTRIB_RELEASE=testing\nDISTRIB_CODENAME=trixie\n' },
      'debian:13',
    ],
    ['Alpine without os-release', { 'etc/alpine-release': '3.6.5\n' }, 'alpine:v3.6'],
    ['Alpine edge', { 'etc/alpine-release': '3.21.0_alpha20240923\n' }, 'alpine:edge'],
    ['no Alpine release', { 'etc/alpine-release': 'three\n' }, undefined],
    ['CentOS 6', { 'etc/redhat-release': 'CentOS release 6.10 (Final)\n' }, 'centos:6'],
    ['CentOS Stream', { 'etc/redhat-release': 'CentOS Stream release 9\n' }, 'centos:9'],
    ['RHEL 7', { 'etc/redhat-release': 'Red Hat Enterprise Linux Server release 7.9 (Maipo)\n' }, 'rhel:7'],
    ['RHEL 8', { 'etc/redhat-release': 'Red Hat Enterprise Linux release 8.0 (Ootpa)\n' }, 'rhel:8'],
    [
      'Oracle is not the Red Hat that it also says',
      {
        'etc/redhat-release': 'Red Hat Enterprise Linux release 8.9 (Ootpa)',
        'etc/oracle-release': 'Oracle Linux Server release 8.9',
      },
      'oracle:8',
    ],
    ['Amazon Linux 1', { 'etc/system-release': 'Amazon Linux AMI release 2018.03\n' }, 'amzn:2018.03'],
    ['Amazon Linux 2 by its system release', { 'etc/system-release': 'Amazon Linux release 2 (Karoo)\n' }, 'amzn:2'],
    ['AlmaLinux', { 'etc/redhat-release': 'AlmaLinux release 8.9 (Midnight Oncilla)\n' }, 'almalinux:8'],
    ['Rocky', { 'etc/rocky-release': 'Rocky Linux release 9.3 (Blue Onyx)\n' }, 'rocky:9'],
    ['Fedora', { 'etc/fedora-release': 'Fedora release 40 (Forty)\n' }, 'fedora:40'],
    ['Scientific Linux', { 'etc/redhat-release': 'Scientific Linux release 7.9 (Nitrogen)\n' }, 'scientific:7'],
    ['Red Hat Linux 9 is not RHEL 9', { 'etc/redhat-release': 'Red Hat Linux release 9 (Shrike)\n' }, undefined],
    ['a stranger', { 'etc/redhat-release': 'ELDK 3.0\n' }, undefined],
    [
      'apt, one line with options',
      { 'etc/apt/sources.list': 'deb [arch=amd64 trusted=yes] http://deb.debian.org/debian bookworm main\n' },
      'debian:12',
    ],
    [
      'apt, security of old Debian',
      { 'etc/apt/sources.list': 'deb http://security.debian.org stretch/updates main\n' },
      'debian:9',
    ],
    [
      'apt, moving names are no release',
      { 'etc/apt/sources.list': 'deb http://deb.debian.org/debian stable main\n' },
      undefined,
    ],
    [
      'apt, commented lines do not count',
      { 'etc/apt/sources.list': '#deb http://deb.debian.org/debian bookworm main\n' },
      undefined,
    ],
    ['apt, flat repositories have no suite', { 'etc/apt/sources.list': 'deb file:/repo ./\n' }, undefined],
    [
      'apt, stanzas',
      {
        'etc/apt/sources.list.d/ubuntu.sources':
          'Types: deb\nURIs: http://archive.ubuntu.com/ubuntu/\nSuites: noble noble-updates\nComponents: main\n',
      },
      'ubuntu:24.04',
    ],
    [
      'apt, disabled stanzas do not count',
      { 'etc/apt/sources.list.d/ubuntu.sources': 'Enabled: no\nTypes: deb\nSuites: noble\n' },
      undefined,
    ],
    ['BusyBox says nothing', {}, undefined],
  ] as const) {
    test(`${shows}: ${namespace ?? 'none'}`, () => {
      expect(detect(texts as Readonly<Record<string, string>>)).toMatchObject({ namespace, problems: [] });
    });
  }
});

describe('the repositories of a Red Hat image', () => {
  const rhel = osRelease('ID="rhel"\nVERSION_ID="9.4"\n');
  const manifest = (...names: string[]) => ({
    ...rhel,
    'root/buildinfo/content_manifests/ubi9.json': JSON.stringify({ content_sets: names }),
  });

  for (const [shows, texts, cpes] of [
    ['are unknown without a manifest', rhel, undefined],
    [
      'follow from the names of content sets',
      manifest(
        'rhel-9-for-x86_64-baseos-rpms',
        'rhel-9-for-x86_64-appstream-rpms',
        'rhel-9-for-x86_64-appstream-source-rpms',
        'codeready-builder-for-rhel-9-x86_64-rpms',
      ),
      [
        'cpe:/a:redhat:enterprise_linux:9::appstream',
        'cpe:/a:redhat:enterprise_linux:9::crb',
        'cpe:/o:redhat:enterprise_linux:9::baseos',
      ],
    ],
    [
      'of extended support name the minor release',
      manifest('rhel-8-for-x86_64-baseos-eus-rpms__8_DOT_4'),
      ['cpe:/o:redhat:rhel_eus:8.4::baseos'],
    ],
    [
      'restrict nothing when one of them is not known',
      manifest('rhel-9-for-x86_64-baseos-rpms', 'rhocp-4.15-for-rhel-9-x86_64-rpms'),
      undefined,
    ],
  ] as const) {
    test(shows, () => expect(detect(texts).repositoryCpes).toEqual(cpes));
  }

  test('a manifest that is none is a problem', () => {
    const { namespace, problems } = detect({ ...rhel, 'root/buildinfo/content_manifests/x.json': '[]' });
    expect(namespace).toBe('rhel:9');
    expect(problems).toMatchObject([
      { code: 'detector.malformed-file', path: 'root/buildinfo/content_manifests/x.json' },
    ]);
  });
});

test('a detector that breaks is a problem, and the next one is asked', () => {
  const broken: NamespaceDetector = {
    name: 'broken',
    version: 1,
    wants: [],
    detect: () => {
      throw new TypeError('oops');
    },
  };
  const other: NamespaceDetector = { name: 'other', version: 1, wants: [], detect: () => ({ namespace: 'x:1' }) };
  const problems: Problem[] = [];
  expect(detectNamespace(new Map(), (it) => problems.push(it), [broken, other])).toEqual({ namespace: 'x:1' });
  expect(problems).toMatchObject([{ code: 'detector.failed' }]);
});
