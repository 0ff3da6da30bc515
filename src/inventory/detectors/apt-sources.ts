import { namespaceOfCodename } from '../../model/distribution.ts';
import type { NamespaceDetector } from '../detector.ts';
import { suitesOfAptSources } from '../release-files.ts';

const FILES = [
  'etc/apt/sources.list',
  'etc/apt/sources.list.d/debian.sources',
  'etc/apt/sources.list.d/ubuntu.sources',
] as const;

/** Takes the release from the first suite of apt's sources that is a code name, for images that lost their release files. */
export const aptSourcesDetector: NamespaceDetector = {
  name: 'apt-sources',
  version: 2,
  wants: FILES,

  detect({ text }) {
    for (const path of FILES) {
      for (const suite of suitesOfAptSources(text(path) ?? '')) {
        const namespace = namespaceOfCodename(suite);
        if (namespace) return { namespace };
      }
    }
    return undefined;
  },
};
