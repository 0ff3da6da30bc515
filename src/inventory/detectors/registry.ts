import { withOwnPlugins } from '../../platform/own-plugins.ts';
import type { NamespaceDetector } from '../detector.ts';
import { alpineReleaseDetector } from './alpine-release.ts';
import { aptSourcesDetector } from './apt-sources.ts';
import { lsbReleaseDetector } from './lsb-release.ts';
import { osReleaseDetector } from './os-release.ts';
import { redhatReleaseDetector } from './redhat-release.ts';

/** All detectors, in the order in which they are asked: the most exact statement first, hints last. */
export const detectors: readonly NamespaceDetector[] = await withOwnPlugins<NamespaceDetector>('detectors', [
  osReleaseDetector,
  lsbReleaseDetector,
  alpineReleaseDetector,
  redhatReleaseDetector,
  aptSourcesDetector,
]);
