import { ScannerError } from '../../model/errors.ts';
import type { ImageRequest, ImageSource } from '../image-source.ts';
import { describeDockerSave, savedConfigDigests } from '../manifests/docker-save.ts';
import { describeOciLayout } from '../manifests/oci-layout.ts';
import type { TargetFiles } from '../target-files.ts';

/**
 * What `docker save` and `podman save` write. Since Docker 25 it is an OCI layout as well, which states digests of its layers and is
 * then preferred; both must speak of the same image.
 */
export const dockerArchive: ImageSource = {
  name: 'docker-archive',
  prefix: 'docker-archive',
  summary: 'what docker save and podman save write, compressed or not',
  kind: 'archive',
  recognises: (files) => files.find('manifest.json') !== undefined,
  describe(files, request) {
    if (files.find('index.json') === undefined || files.find('oci-layout') === undefined) {
      return describeDockerSave(files, request);
    }
    const { configDigest, ...image } = describeOciLayout(files, request);
    if (files.find('manifest.json') !== undefined) compareManifests(files, request, configDigest);
    return image;
  },
};

/** `docker load` reads one list, containerd the other: an archive whose lists differ would be something else to each. */
function compareManifests(files: TargetFiles, request: ImageRequest, configDigest: string): void {
  const [saved, ...others] = savedConfigDigests(files, request);
  // With several images, or one platform of several, the lists may rightly differ in length.
  if (saved === undefined || others.length > 0 || request.platform !== undefined || saved === configDigest) return;
  const message = `${files.label}: manifest.json describes the image ${saved}, index.json ${configDigest}`;
  throw new ScannerError('image.damaged', message);
}
