import type { ImageSource } from '../image-source.ts';
import { describeOciLayout } from '../manifests/oci-layout.ts';

/** An OCI image layout in a tar, as buildx, skopeo and podman write it. */
export const ociArchive: ImageSource = {
  name: 'oci-archive',
  prefix: 'oci-archive',
  summary: 'an OCI image layout in a tar, compressed or not',
  kind: 'archive',
  recognises: (files) => files.find('index.json') !== undefined,
  describe: describeOciLayout,
};
