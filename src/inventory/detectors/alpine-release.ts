import { namespaceOfRelease } from '../../model/distribution.ts';
import type { NamespaceDetector } from '../detector.ts';

/** Reads `etc/alpine-release`, one line such as `3.20.3`, or `3.21.0_alpha20240923` for a snapshot of edge. */
export const alpineReleaseDetector: NamespaceDetector = {
  name: 'alpine-release',
  version: 2,
  wants: ['etc/alpine-release'],

  detect({ text }) {
    const line = text('etc/alpine-release')?.trim().split(/\s/)[0] ?? '';
    const namespace = /^\d+\.\d+/.test(line) ? namespaceOfRelease('alpine', line) : undefined;
    return namespace ? { namespace } : undefined;
  },
};
