import { describe, expect, test } from 'vitest';
import { namespaceOfCodename, namespaceOfRelease } from './distribution.ts';

describe('namespaceOfRelease', () => {
  for (const [id, versionId, namespace, shows] of [
    ['debian', '12', 'debian:12', 'a release'],
    ['debian', '12.5', 'debian:12', 'point releases of Debian are one release'],
    ['debian', 'sid', 'debian:sid', 'the rolling one'],
    ['debian', '', undefined, 'a release is not guessed'],
    ['ubuntu', '22.04', 'ubuntu:22.04', 'year and month'],
    ['Ubuntu', '22.04.4', 'ubuntu:22.04', 'case and point release do not count'],
    ['alpine', '3.20.3', 'alpine:v3.20', 'a branch'],
    ['alpine', '3.21.0_alpha20240923', 'alpine:edge', 'a snapshot of edge'],
    ['alpine', '3.20.0_rc1', 'alpine:v3.20', 'a release candidate belongs to its branch'],
    ['alpine', 'v3.20', 'alpine:v3.20', 'our own form is read too'],
    ['wolfi', '20230201', 'wolfi', 'rolling: its date is no release'],
    ['chainguard', '20230214', 'chainguard', 'rolling'],
    ['arch', '', 'arch', 'rolling'],
    ['rhel', '9.4', 'rhel:9', 'the major release'],
    ['rhel', '7.9', 'rhel:7', 'also the old ones'],
    ['centos', '7', 'centos:7', 'as it is'],
    ['ol', '8.9', 'oracle:8', 'our word for Oracle Linux'],
    ['amzn', '2', 'amzn:2', 'Amazon Linux 2'],
    ['amzn', '2023', 'amzn:2023', 'Amazon Linux 2023'],
    ['amzn', '2018.03', 'amzn:2018.03', 'Amazon Linux 1 by year and month'],
    ['almalinux', '8.9', 'almalinux:8', 'the major release'],
    ['rocky', '9.3', 'rocky:9', 'the major release'],
    ['sles', '15.3', 'sles:15.3', 'service packs differ'],
    ['sles_sap', '15.5', 'sles:15.5', 'the SAP edition has the same packages'],
    ['opensuse-leap', '15.6', 'opensuse:15.6', 'Leap'],
    ['opensuse-tumbleweed', '20241011', 'opensuse:tumbleweed', 'rolling'],
    ['photon', '5.0', 'photon:5', 'the major release'],
    ['azurelinux', '3.0', 'azurelinux:3', 'the major release'],
    ['mariner', '2.0', 'azurelinux:2', 'Azure Linux before it was renamed'],
    ['poky', '1.8', 'poky:1.8', 'a stranger keeps its words'],
    ['void', '', 'void', 'also without a release'],
    ['constructor', '1', 'constructor:1', 'no word of the language is special'],
    ['', '12', undefined, 'no id, no namespace'],
    ['de\u001bbian', '12', undefined, 'control characters are no id'],
    ['debian:12', '', undefined, 'nor is our separator'],
  ] as const) {
    test(`${JSON.stringify(id)} ${versionId} is ${namespace}: ${shows}`, () =>
      expect(namespaceOfRelease(id, versionId)).toBe(namespace));
  }
});

describe('namespaceOfCodename', () => {
  for (const [codename, namespace] of [
    ['trixie', 'debian:13'],
    ['unstable', 'debian:sid'],
    ['Jammy', 'ubuntu:22.04'],
    ['testing', undefined],
    ['devel', undefined],
    ['toString', undefined],
  ] as const) {
    test(`${codename} is ${namespace}`, () => expect(namespaceOfCodename(codename)).toBe(namespace));
  }
});
