import { hash } from 'node:crypto';
import type { Location } from '../model/package.ts';
import { OS_SCHEMES } from './identities.ts';

/** What makes two findings the same one. */
export interface FindingIdentity {
  /** Canonical id. */
  readonly vulnerabilityId: string;
  readonly namespace: string;
  readonly name: string;
  readonly arch?: string;
  readonly version: string;
  readonly versionScheme: string;
  readonly locations: readonly Location[];
}

/** Hex digits of the 128 bits that are kept. */
const HEX_DIGITS = 32;

/**
 * A finding's identity across runs: the first 128 bits of SHA-256, in hex, over the JSON text of
 * `[canonical id, namespace, package name, arch, version, place]`, the place being `os` or the path of the first location.
 *
 * @param copy above 1 for the second and later packages of one report that are alike in all of it; written behind the place.
 */
export function fingerprintOf(finding: FindingIdentity, copy = 1): string {
  return digestOf([...subjectOf(finding), finding.version, placeOf(finding, copy)]);
}

/** What a fingerprint looks at in a package, as one text: packages of which it is the same are copies of each other. */
export function identityText(of: Omit<FindingIdentity, 'vulnerabilityId'>): string {
  return JSON.stringify([of.namespace, of.name, of.arch ?? '', of.version, placeOf(of, 1)]);
}

/** The same without the version: it stays when a package is upgraded and still has the flaw. */
export function issueKeyOf(finding: FindingIdentity, copy = 1): string {
  return digestOf([...subjectOf(finding), placeOf(finding, copy)]);
}

function subjectOf({ vulnerabilityId, namespace, name, arch }: FindingIdentity): string[] {
  return [vulnerabilityId, namespace, name, arch ?? ''];
}

/** A system has each of its own packages once, wherever its database lies. */
function placeOf({ versionScheme, locations }: Omit<FindingIdentity, 'vulnerabilityId'>, copy: number): string {
  const place = OS_SCHEMES.has(versionScheme) ? 'os' : (locations[0]?.path ?? '');
  return copy > 1 ? `${place}#${copy}` : place;
}

const digestOf = (words: readonly string[]): string => hash('sha256', JSON.stringify(words)).slice(0, HEX_DIGITS);
