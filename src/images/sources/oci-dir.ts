import type { ImageSource } from '../image-source.ts';
import { describeOciLayout } from '../manifests/oci-layout.ts';

/** An OCI image layout as a directory. */
export const ociDir: ImageSource = {
  name: 'oci-dir',
  prefix: 'oci-dir',
  summary: 'an OCI image layout as a directory',
  kind: 'directory',
  recognises: (files) => files.find('oci-layout') !== undefined && files.find('index.json') !== undefined,
  describe: describeOciLayout,
};
