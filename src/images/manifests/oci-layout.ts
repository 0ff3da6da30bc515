import { ScannerError } from '../../model/errors.ts';
import type { LayerSource } from '../../model/layer.ts';
import type { ImageDescription, ImageRequest } from '../image-source.ts';
import {
  compareSize,
  type JsonObject,
  listedObjects,
  objectOf,
  objectsOf,
  readJson,
  type StoredFile,
  type TargetFiles,
  textOf,
} from '../target-files.ts';
import { checkedDigest, checkLayerCount, type ImageConfig, isPlatform, parseConfig, platformOf } from './config.ts';
import { chooseByName, familiarName, type Named } from './names.ts';

/** Media types by what they end in: Docker's and OCI's differ in front only. */
const INDEX_TYPE = /(image\.index\.v1|manifest\.list\.v2)\+json$/;
const CONFIG_TYPE = /^application\/vnd\.(oci\.image\.config|docker\.container\.image)\.v1\+json$/;

/** Indexes within indexes. */
const MAX_INDEX_DEPTH = 8;

/** A manifest of the layout that describes an image (not an attestation). */
interface Candidate {
  readonly digest: string;
  readonly sizeBytes: number | undefined;
  /** As its descriptor states it. */
  readonly platform: string | undefined;
}

/** What one name of the layout stands for: an image, for one platform or several. */
interface Entry extends Named {
  readonly candidates: readonly Candidate[];
}

/** A manifest that was read and compared with its digest. */
interface Manifest {
  readonly candidate: Candidate;
  readonly body: JsonObject;
  readonly config: ImageConfig;
  readonly configDigest: string;
}

/**
 * Reads an OCI image layout: index, nested indexes, the manifest of the platform asked for, its config. Every one of them is compared
 * with its digest and size before it is believed; layers are only looked up.
 * Source: the OCI image specification, "Image Layout", "Image Index", "Image Manifest".
 */
export function describeOciLayout(
  files: TargetFiles,
  request: ImageRequest,
): ImageDescription & { configDigest: string } {
  const reader = new LayoutReader(files, request);
  const entry = chooseByName(reader.entries(), request.imageName, files.label);
  const { candidate, body, config, configDigest } = reader.choosePlatform(entry);
  const layers = listedObjects(body.layers, `${files.label}: the layers of the manifest`);
  checkLayerCount(files.label, layers.length, request.limits);
  if (config.diffIds.length !== layers.length) {
    const message = `${files.label}: the manifest has ${layers.length} layers, its config ${config.diffIds.length} diff ids`;
    throw new ScannerError('image.damaged', message);
  }
  const name = entry.names[0];
  const platform = candidate.platform ?? config.platform;
  return {
    kind: 'image',
    digest: candidate.digest,
    configDigest,
    ...(platform !== undefined && { platform }),
    ...(name !== undefined && { name: familiarName(name) }),
    layers: layers.map((layer, index) => reader.layer(layer, index, config)),
    problems: [],
  };
}

class LayoutReader {
  readonly #files: TargetFiles;
  readonly #request: ImageRequest;
  #manifestCount = 0;

  constructor(files: TargetFiles, request: ImageRequest) {
    this.#files = files;
    this.#request = request;
  }

  /** Images by name; manifests without a name are one image, which is how some tools write several platforms. */
  entries(): readonly Entry[] {
    const index = readJson(this.#files, 'index.json', this.#request.limits);
    const byKey = new Map<string, { names: string[]; digest: string; candidates: Candidate[] }>();
    for (const descriptor of objectsOf(index.manifests)) {
      const candidates = this.#candidatesOf(descriptor, 0);
      if (candidates.length === 0) continue;
      const name = nameOf(descriptor);
      const digest = checkedDigest(descriptor.digest, `${this.#files.label}: index.json`);
      // One image under two tags is listed twice.
      const sameDigest = [...byKey.values()].find((it) => it.digest === digest);
      const known = sameDigest ?? byKey.get(name ?? '');
      if (known === undefined)
        byKey.set(name ?? '', { names: name === undefined ? [] : [name], digest, candidates: [...candidates] });
      else if (sameDigest === undefined) known.candidates.push(...candidates);
      else if (name !== undefined && !known.names.includes(name)) known.names.push(name);
    }
    return [...byKey.values()];
  }

  choosePlatform({ candidates }: Entry): Manifest {
    const { platform, hostPlatform } = this.#request;
    // An archive of one platform may keep an index that names the others too.
    const present = candidates.filter(({ digest }) => this.#files.find(blobPath(digest)) !== undefined);
    const [only] = candidates;
    if (platform === undefined && candidates.length === 1 && only !== undefined) return this.#read(only);
    const [onlyPresent] = present;
    if (platform === undefined && present.length === 1 && onlyPresent !== undefined) return this.#read(onlyPresent);
    const wanted = platform ?? hostPlatform;
    const described = (present.length > 0 ? present : candidates).map((candidate) => ({
      candidate,
      platform: candidate.platform ?? this.#read(candidate).config.platform,
    }));
    const matching = described.filter((it) => isPlatform(it.platform, wanted));
    const [chosen] = matching;
    if (chosen !== undefined && matching.length === 1) return this.#read(chosen.candidate);
    const list = described.map((it) => `${it.platform ?? 'unknown'} (${it.candidate.digest})`).join(', ');
    const count = matching.length === 0 ? 'no image' : `${matching.length} images`;
    const message = `${this.#files.label} holds ${count} for the platform ${wanted}`;
    throw new ScannerError('image.not-found', `${message}; name another with --platform, or one with --image: ${list}`);
  }

  layer(descriptor: JsonObject, index: number, config: ImageConfig): LayerSource {
    const what = `${this.#files.label}: layer ${index}`;
    const digest = checkedDigest(descriptor.digest, what);
    const stored = this.#find(digest, `layer ${index}`);
    compareSize(`${what} (${digest})`, stored.sizeBytes, sizeOf(descriptor));
    const createdBy = config.createdBy[index];
    return {
      index,
      digest,
      diffId: checkedDigest(config.diffIds[index], `${what}: diff id`),
      ...(createdBy !== undefined && { createdBy }),
      content: { kind: 'tar', ...stored },
    };
  }

  /** The images that a descriptor leads to. Attestations, signatures and other artefacts are none. */
  #candidatesOf(descriptor: JsonObject, depth: number): readonly Candidate[] {
    const { label } = this.#files;
    const { maxManifests, maxManifestBytes } = this.#request.limits;
    if (++this.#manifestCount > maxManifests) {
      const details = { limit: 'maxManifests', value: maxManifests };
      throw new ScannerError(
        'image.limit-exceeded',
        `${label}: above the limit maxManifests = ${maxManifests}`,
        details,
      );
    }
    if (isAttestation(descriptor)) return [];
    const digest = checkedDigest(descriptor.digest, `${label}: index`);
    const sizeBytes = sizeOf(descriptor);
    if (!INDEX_TYPE.test(textOf(descriptor.mediaType) ?? '')) {
      return [{ digest, sizeBytes, platform: platformOf(objectOf(descriptor.platform)) }];
    }
    if (depth === MAX_INDEX_DEPTH) throw new ScannerError('image.damaged', `${label}: indexes are nested too deeply`);
    this.#find(digest, 'index');
    const nested = readJson(this.#files, blobPath(digest), { maxManifestBytes, expected: { digest, sizeBytes } });
    return objectsOf(nested.manifests).flatMap((it) => this.#candidatesOf(it, depth + 1));
  }

  #read(candidate: Candidate): Manifest {
    const { maxManifestBytes } = this.#request.limits;
    this.#find(candidate.digest, 'manifest');
    const body = readJson(this.#files, blobPath(candidate.digest), { maxManifestBytes, expected: candidate });
    const descriptor = objectOf(body.config);
    const type = textOf(descriptor.mediaType);
    if (type === undefined || !CONFIG_TYPE.test(type)) {
      const message = `${this.#files.label}: ${candidate.digest} is no container image but ${type ?? 'something without a config'}`;
      throw new ScannerError('image.unknown-format', message);
    }
    const configDigest = checkedDigest(descriptor.digest, `${this.#files.label}: config`);
    this.#find(configDigest, 'config');
    const expected = { digest: configDigest, sizeBytes: sizeOf(descriptor) };
    const config = parseConfig(readJson(this.#files, blobPath(configDigest), { maxManifestBytes, expected }));
    return { candidate, body, config, configDigest };
  }

  #find(digest: string, what: string): StoredFile {
    const stored = this.#files.find(blobPath(digest));
    if (stored !== undefined) return stored;
    throw new ScannerError('image.damaged', `${this.#files.label}: ${what} ${digest} is missing`, { digest });
  }
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function sizeOf(descriptor: JsonObject): number | undefined {
  return typeof descriptor.size === 'number' ? descriptor.size : undefined;
}

/** containerd writes the whole name, others the tag or whatever they were told. */
function nameOf(descriptor: JsonObject): string | undefined {
  const annotations = objectOf(descriptor.annotations);
  return textOf(annotations['io.containerd.image.name']) ?? textOf(annotations['org.opencontainers.image.ref.name']);
}

/** BuildKit puts provenance and SBOMs beside the images as manifests of an unknown platform. */
function isAttestation(descriptor: JsonObject): boolean {
  const annotations = objectOf(descriptor.annotations);
  const isMarked = textOf(annotations['vnd.docker.reference.type']) !== undefined;
  return isMarked || platformOf(objectOf(descriptor.platform)) === 'unknown/unknown';
}
