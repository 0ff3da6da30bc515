import { DISTRIBUTION_FAMILIES } from '../model/distribution.ts';
import { ScannerError } from '../model/errors.ts';
import { familyOf } from '../model/namespace.ts';
import { didYouMean } from '../platform/nearest-word.ts';
import type { OptionSpec, OptionValues } from './command.ts';
import { LIMIT_OPTION } from './limits.ts';

/** What is read of a target, and how: the options of all commands that take one. */
export const TARGET_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  layers: { type: 'string', value: 'squashed|all', help: 'all: also packages that a later layer removed' },
  platform: { type: 'string', value: 'OS/ARCH', help: 'which image of several architectures' },
  image: { type: 'string', value: 'NAME', help: 'which image of an archive of several' },
  verify: { type: 'string', value: 'blobs|full', help: 'full: also compare what costs a whole read' },
  distro: { type: 'string', value: 'NAMESPACE', help: 'the release, for what names none, e.g. debian:12' },
  'inventory-format': {
    type: 'string',
    value: 'NAME',
    help: 'the format of a document (SBOM, package list), where it is not told by its content',
  },
  'show-owned': { type: 'boolean', help: 'also packages of languages that an OS package brought' },
  'no-cache': { type: 'boolean', help: 'neither read nor write the layer cache' },
  limit: LIMIT_OPTION,
};

/** The options of a target, read. Absent ones have the meaning of their help. */
export interface TargetOptions {
  readonly layers: 'squashed' | 'all';
  readonly verify: 'blobs' | 'full';
  readonly cache: boolean;
  readonly showOwned: boolean;
  readonly platform?: string;
  readonly image?: string;
  /** A namespace. */
  readonly distro?: string;
  /** Name of a reader of documents. */
  readonly inventoryFormat?: string;
}

/** The forms of a target, for `--help`. */
export const TARGET_HELP = [
  'TARGET is a path, recognised by its content, or one of',
  '  docker-archive:FILE  oci-archive:FILE  oci-dir:DIR  dir:DIR (a root file system)  sbom:FILE (a document that lists packages)',
  '  - (an archive or document on standard input)  pkg:TYPE/NAME@VERSION (one package URL)  cpe:2.3:… (one CPE)',
].join('\n');

/** @throws ScannerError `usage.invalid`. */
export function readTargetOptions(options: OptionValues): TargetOptions {
  return {
    layers: oneOf('layers', options.layers, ['squashed', 'all']),
    verify: oneOf('verify', options.verify, ['blobs', 'full']),
    cache: options['no-cache'] !== true,
    showOwned: options['show-owned'] === true,
    ...(typeof options.platform === 'string' && { platform: options.platform }),
    ...(typeof options.image === 'string' && { image: options.image }),
    ...(typeof options.distro === 'string' && { distro: readNamespace(options.distro) }),
    ...(typeof options['inventory-format'] === 'string' && { inventoryFormat: options['inventory-format'] }),
  };
}

function oneOf<Word extends string>(
  name: string,
  value: OptionValues[string],
  words: readonly [Word, ...Word[]],
): Word {
  if (value === undefined) return words[0];
  const word = words.find((one) => one === value);
  if (word === undefined)
    throw new ScannerError('usage.invalid', `--${name} ${value}: it is one of ${words.join(', ')}`);
  return word;
}

function readNamespace(text: string): string {
  if (!/^[a-z][a-z0-9]*(:[a-z0-9][a-z0-9._-]*)?$/.test(text))
    throw new ScannerError('usage.invalid', `--distro ${text}: it is a release such as debian:12 or alpine:v3.20`);
  const family = familyOf(text);
  if (DISTRIBUTION_FAMILIES.includes(family)) return text;
  const hint = didYouMean(family, DISTRIBUTION_FAMILIES) || `; known: ${DISTRIBUTION_FAMILIES.join(', ')}`;
  throw new ScannerError('usage.invalid', `--distro ${text}: there is no distribution ${family}${hint}`);
}

/** The one target of a command. @throws ScannerError `usage.invalid`. */
export function readTarget(positionals: readonly string[], usage: string): string {
  const [target, ...more] = positionals;
  if (target === undefined || target === '') throw new ScannerError('usage.invalid', `give a target: ${usage}`);
  if (more.length > 0)
    throw new ScannerError('usage.invalid', `one target at a time, not also ${more.join(' ')}: ${usage}`);
  return target;
}
