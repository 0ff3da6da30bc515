import { ScannerError } from '../../model/errors.ts';
import type { ImageLimits } from '../limits.ts';
import { type JsonObject, objectOf, objectsOf, textOf, textsOf } from '../target-files.ts';

/** What an image's config says. */
export interface ImageConfig {
  /** `os/arch[/variant]`. */
  readonly platform: string | undefined;
  /** Of the layers, the lowest first. */
  readonly diffIds: readonly string[];
  /** What made each layer; as long as `diffIds`, or empty where the history does not fit. */
  readonly createdBy: readonly (string | undefined)[];
}

/** Source: the OCI image specification, "Image Configuration"; Docker's is the same in these. */
export function parseConfig(config: JsonObject): ImageConfig {
  const diffIds = textsOf(objectOf(config.rootfs).diff_ids);
  // Instructions that change no file have an entry of the history, but no layer.
  const createdBy = objectsOf(config.history)
    .filter((entry) => entry.empty_layer !== true)
    .map((entry) => textOf(entry.created_by));
  return { platform: platformOf(config), diffIds, createdBy: createdBy.length === diffIds.length ? createdBy : [] };
}

/** `os/arch[/variant]` of an object with these keys; undefined where it names no architecture. */
export function platformOf(it: JsonObject): string | undefined {
  const [os, architecture, variant] = [textOf(it.os), textOf(it.architecture), textOf(it.variant)];
  if (architecture === undefined) return undefined;
  return [os ?? 'linux', architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/** Whether `linux/arm64/v8` is what `linux/arm64` or `arm64` asks for: parts that are not asked for do not matter. */
export function isPlatform(actual: string | undefined, wanted: string): boolean {
  if (actual === undefined) return false;
  const parts = wanted.includes('/') ? wanted.split('/') : ['linux', wanted];
  const actualParts = actual.split('/');
  return parts.every((part, i) => part === actualParts[i]);
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** A digest that may stand in a path. @throws ScannerError `image.damaged` for anything but `sha256:` with 64 hex digits. */
export function checkedDigest(value: unknown, what: string): string {
  if (typeof value === 'string' && DIGEST.test(value)) return value;
  throw new ScannerError('image.damaged', `${what}: ${JSON.stringify(value) ?? 'nothing'} is no sha256 digest`);
}

/** @throws ScannerError `image.limit-exceeded`. */
export function checkLayerCount(label: string, count: number, { maxLayers }: ImageLimits): void {
  if (count <= maxLayers) return;
  const details = { limit: 'maxLayers', value: maxLayers };
  throw new ScannerError(
    'image.limit-exceeded',
    `${label}: ${count} layers are above the limit maxLayers = ${maxLayers}`,
    details,
  );
}
