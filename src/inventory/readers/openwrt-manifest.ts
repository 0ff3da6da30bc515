import { documentPackage } from '../document-package.ts';
import type { DocumentPackage, TextReader } from '../reader.ts';

/**
 * The manifest that OpenWrt writes beside an image: `name - version` lines, versions as opkg writes them (`1.35.0-5`) or, since 24.10,
 * as apk does (`1.36.1-r2`). The kernel's is `5.10.161-1-<md5 of its configuration>`; a `kmod-` is a part of the kernel, and its own
 * version that of what it was backported from.
 * Source: https://openwrt.org/docs/guide-developer/helloworld/chapter4, include/image.mk.
 */
export const openwrtManifestReader: TextReader = {
  name: 'openwrt-manifest',
  title: 'OpenWrt image manifest',
  form: 'text',
  recognises(head) {
    const lines = head.split('\n').filter((line) => line.trim() !== '');
    // The last line may be cut.
    const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
    return whole.length > 0 && whole.every((line) => LINE.test(line));
  },

  read(text, { problem }) {
    const packages: DocumentPackage[] = [];
    for (const [index, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue;
      const [, name, version] = LINE.exec(line) ?? [];
      if (name === undefined || version === undefined) {
        const path = `line ${index + 1}`;
        problem({ code: 'reader.deviation', message: `${path} is no "name - version"`, path });
      } else packages.push(packageOf(name, version));
    }
    return { packages };
  },
};

const LINE = /^([A-Za-z0-9][A-Za-z0-9._+-]*) - (\S+)\r?$/;

function packageOf(name: string, version: string): DocumentPackage {
  if (name !== 'kernel') {
    const listed = documentPackage({ name, version }, () => {});
    return name.startsWith('kmod-')
      ? { ...listed, filtered: 'it is a part of the kernel, which is listed itself' }
      : listed;
  }
  const upstream = /^\d+\.\d+(\.\d+)?/.exec(version)?.[0];
  const cpes = upstream === undefined ? [] : [`cpe:2.3:o:linux:linux_kernel:${upstream}:*:*:*:*:*:*:*`];
  return documentPackage({ name, version, cpes }, () => {});
}
