import { ScannerError } from '../../model/errors.ts';
import type { LayerSource } from '../../model/layer.ts';
import type { ImageDescription, ImageRequest } from '../image-source.ts';
import {
  type JsonObject,
  listedTexts,
  objectsOf,
  readJson,
  type TargetFiles,
  textOf,
  textsOf,
} from '../target-files.ts';
import { checkedDigest, checkLayerCount, type ImageConfig, isPlatform, parseConfig } from './config.ts';
import { chooseByName, familiarName } from './names.ts';

/** One image as `manifest.json` lists it. */
interface SavedImage {
  readonly configPath: string;
  readonly layerPaths: readonly string[];
  readonly names: readonly string[];
  /** The image id: digest of the config. */
  readonly digest: string;
}

/**
 * Reads the `manifest.json` of `docker save` (and of podman, skopeo, kaniko, ko …): configs and layers by path.
 * The config is compared with the digest in its name. A layer has a blob digest only where its path is one; else its diff id stands
 * for it, which nothing but reading it through can check.
 * Source: github.com/moby/docker-image-spec, "Combined Image JSON + Filesystem Changeset Format".
 */
export function describeDockerSave(files: TargetFiles, request: ImageRequest): ImageDescription {
  const images = savedImages(files, request);
  const image = chooseByName(images, request.imageName, files.label);
  const { maxManifestBytes } = request.limits;
  const expected = /[0-9a-f]{64}/.test(image.digest) ? { digest: image.digest } : undefined;
  const config = parseConfig(
    readJson(files, image.configPath, { maxManifestBytes, ...(expected !== undefined && { expected }) }),
  );
  const { layerPaths, names } = image;
  checkLayerCount(files.label, layerPaths.length, request.limits);
  if (request.platform !== undefined && !isPlatform(config.platform, request.platform)) {
    const message = `${files.label} holds an image for ${config.platform ?? 'an unknown platform'}, none for ${request.platform}`;
    throw new ScannerError('image.not-found', message);
  }
  if (config.diffIds.length !== layerPaths.length) {
    const message = `${files.label}: manifest.json has ${layerPaths.length} layers, the config ${config.diffIds.length} diff ids`;
    throw new ScannerError('image.damaged', message);
  }
  const [name] = names;
  return {
    kind: 'image',
    digest: image.digest,
    ...(config.platform !== undefined && { platform: config.platform }),
    ...(name !== undefined && { name: familiarName(name) }),
    layers: layerPaths.map((path, index) => layerAt(files, path, index, config)),
    problems: [],
  };
}

/** Digests of the configs that `manifest.json` names. */
export function savedConfigDigests(files: TargetFiles, request: ImageRequest): readonly string[] {
  return savedImages(files, request).map(({ digest }) => digest);
}

function savedImages(files: TargetFiles, request: ImageRequest): readonly SavedImage[] {
  const list: unknown = readJson(files, 'manifest.json', request.limits);
  return mergeSame(objectsOf(list).map((entry) => savedImage(entry, files.label)));
}

function savedImage(entry: JsonObject, label: string): SavedImage {
  const configPath = textOf(entry.Config);
  if (configPath === undefined) throw new ScannerError('image.damaged', `${label}: manifest.json names no config`);
  const hex = /([0-9a-f]{64})(?:\.json)?$/.exec(configPath)?.[1];
  const digest = hex === undefined ? configPath : `sha256:${hex}`;
  const layerPaths = listedTexts(entry.Layers, `${label}: the layers of manifest.json`);
  return { configPath, digest, layerPaths, names: textsOf(entry.RepoTags) };
}

/** Some tools list an image once for each of its tags. */
function mergeSame(images: readonly SavedImage[]): readonly SavedImage[] {
  const byDigest = new Map<string, SavedImage>();
  for (const image of images) {
    const known = byDigest.get(image.digest);
    byDigest.set(image.digest, known === undefined ? image : { ...known, names: [...known.names, ...image.names] });
  }
  return [...byDigest.values()];
}

function layerAt(files: TargetFiles, path: string, index: number, config: ImageConfig): LayerSource {
  const what = `${files.label}: layer ${index}`;
  const diffId = checkedDigest(config.diffIds[index], `${what}: diff id`);
  const stored = files.find(path);
  if (stored === undefined)
    throw new ScannerError('image.damaged', `${what} (${diffId}) is missing: ${path}`, { layer: diffId });
  const createdBy = config.createdBy[index];
  const blobHex = /(?:^blobs\/sha256\/([0-9a-f]{64})|^([0-9a-f]{64})\.tar\.gz)$/.exec(path);
  const blobDigest = blobHex?.[1] ?? blobHex?.[2];
  return {
    index,
    digest: blobDigest === undefined ? diffId : `sha256:${blobDigest}`,
    ...(blobDigest === undefined && { digestIsDiffId: true }),
    diffId,
    ...(createdBy !== undefined && { createdBy }),
    content: { kind: 'tar', ...stored },
  };
}
