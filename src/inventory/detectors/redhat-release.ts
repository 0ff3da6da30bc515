import { namespaceOfRelease } from '../../model/distribution.ts';
import type { NamespaceDetector } from '../detector.ts';

/** The first file that can be read decides: Oracle's copies of Red Hat's own file say "Red Hat". */
const FILES = [
  'etc/oracle-release',
  'etc/almalinux-release',
  'etc/rocky-release',
  'etc/centos-release',
  'etc/fedora-release',
  'etc/redhat-release',
  'etc/system-release',
] as const;

/** What stands before `release N`, and the `ID` that os-release would state. */
const IDS: readonly (readonly [RegExp, string])[] = [
  [/^oracle linux( server)?$/, 'ol'],
  [/^red hat enterprise linux( (client|server|workstation|computenode|as|es|ws|atomic host))?$/, 'rhel'],
  [/^centos( linux| stream)?$/, 'centos'],
  [/^fedora( linux)?$/, 'fedora'],
  [/^almalinux$/, 'almalinux'],
  [/^rocky linux$/, 'rocky'],
  [/^amazon linux( ami)?$/, 'amzn'],
  [/^scientific linux( cern slc)?$/, 'scientific'],
];

/**
 * Reads the one-line release files of Red Hat's family, e.g. `CentOS release 6.10 (Final)`: older releases have no os-release.
 * Red Hat Linux, which came before Enterprise Linux and counted to 9 too, is none of them.
 */
export const redhatReleaseDetector: NamespaceDetector = {
  name: 'redhat-release',
  version: 1,
  wants: FILES,

  detect({ text }) {
    for (const path of FILES) {
      const line = text(path)?.trimStart().split('\n', 1)[0]?.toLowerCase() ?? '';
      const [product = '', rest = ''] = line.split(' release ', 2);
      const id = IDS.find(([pattern]) => pattern.test(product))?.[1];
      const release = /^\d+(\.\d+)*/.exec(rest)?.[0];
      const namespace = id && release && namespaceOfRelease(id, release);
      if (namespace) return { namespace };
    }
    return undefined;
  },
};
