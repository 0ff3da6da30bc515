import { namespaceOfCodename, namespaceOfRelease } from '../../model/distribution.ts';
import type { NamespaceDetector } from '../detector.ts';
import { readAssignments } from '../release-files.ts';

/** Reads `etc/lsb-release`: `DISTRIB_ID` and `DISTRIB_RELEASE`, which Ubuntu has had since before os-release. Source: lsb_release(1). */
export const lsbReleaseDetector: NamespaceDetector = {
  name: 'lsb-release',
  version: 1,
  wants: ['etc/lsb-release'],

  detect({ text }) {
    const fields = readAssignments(text('etc/lsb-release') ?? '');
    const id = fields.get('DISTRIB_ID')?.toLowerCase();
    if (!id) return undefined;
    const namespace =
      namespaceOfRelease(id, fields.get('DISTRIB_RELEASE') ?? '') ??
      namespaceOfCodename(fields.get('DISTRIB_CODENAME') ?? '');
    return namespace ? { namespace } : undefined;
  },
};
