import { createHash } from 'node:crypto';
import { tar } from './tar.ts';

/** An image as a test describes it. */
export interface ImageSpec {
  /** The lowest first: its tar, and how it is stored where that is not the tar itself. */
  readonly layers: readonly { readonly tar: Buffer; readonly stored?: Buffer }[];
  readonly names?: readonly string[];
  readonly architecture?: string;
  readonly variant?: string;
  readonly history?: readonly object[];
  /** Put over the config, the manifest, its descriptor. */
  readonly config?: object;
  readonly manifest?: object;
  readonly descriptor?: object;
}

/** Files of an archive or directory, by name. */
export type ImageFiles = Record<string, Buffer>;

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** An OCI layout with these images in its index. */
export function ociLayout(images: readonly ImageSpec[], index: object = {}): ImageFiles {
  const files: ImageFiles = { 'oci-layout': json({ imageLayoutVersion: '1.0.0' }) };
  const manifests = images.map((image) => ociManifest(image, files));
  return { ...files, 'index.json': json({ schemaVersion: 2, manifests, ...index }) };
}

/** Puts an image's blobs into the files. @returns the descriptor of its manifest. */
export function ociManifest(image: ImageSpec, files: ImageFiles): object {
  const config = addBlob(files, json(configOf(image)));
  const layers = image.layers.map(({ tar, stored = tar }) => ({
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    ...addBlob(files, stored),
  }));
  const body = {
    schemaVersion: 2,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers,
    ...image.manifest,
  };
  const [name] = image.names ?? [];
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    ...addBlob(files, json(body)),
    ...(image.architecture !== undefined && { platform: platformOf(image) }),
    ...(name !== undefined && { annotations: { 'org.opencontainers.image.ref.name': name } }),
    ...image.descriptor,
  };
}

/** @returns what a descriptor says of it. */
export function addBlob(files: ImageFiles, bytes: Buffer): { readonly digest: string; readonly size: number } {
  const digest = sha256(bytes);
  files[`blobs/${digest.replace(':', '/')}`] = bytes;
  return { digest, size: bytes.length };
}

/** What `docker save` wrote before version 25. */
export function dockerSave(images: readonly ImageSpec[]): ImageFiles {
  const files: ImageFiles = {};
  const manifest = images.map((image, number) => {
    const config = json(configOf(image));
    const configPath = `${sha256(config).slice(7)}.json`;
    files[configPath] = config;
    const layerPaths = image.layers.map(({ tar, stored = tar }, index) => {
      const path = `${number}${index}/layer.tar`;
      files[path] = stored;
      return path;
    });
    return { Config: configPath, RepoTags: image.names ?? null, Layers: layerPaths };
  });
  return { ...files, 'manifest.json': json(manifest) };
}

/** The files in a tar. */
export function archiveOf(files: ImageFiles): Buffer {
  return tar(...Object.entries(files).map(([path, body]) => ({ path, body })));
}

function configOf(image: ImageSpec): object {
  const diffIds = image.layers.map(({ tar }) => sha256(tar));
  const history = image.history === undefined ? {} : { history: image.history };
  return { ...platformOf(image), rootfs: { type: 'layers', diff_ids: diffIds }, ...history, ...image.config };
}

function platformOf({ architecture = 'amd64', variant }: ImageSpec): object {
  return { os: 'linux', architecture, ...(variant !== undefined && { variant }) };
}
