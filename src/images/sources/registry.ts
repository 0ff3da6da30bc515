import type { ImageSource } from '../image-source.ts';
import { directory } from './directory.ts';
import { dockerArchive } from './docker-archive.ts';
import { ociArchive } from './oci-archive.ts';
import { ociDir } from './oci-dir.ts';

/** All sources of images. A target without a prefix is the first one's that recognises it. */
export const imageSources: readonly ImageSource[] = [dockerArchive, ociArchive, ociDir, directory];
