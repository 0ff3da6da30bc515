import { createHash } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import type { Inventory } from '../model/inventory.ts';

/** What wrote a document. */
export const TOOL = { name: packageJson.name, version: packageJson.version } as const;

/** A UUID that follows from the content: the same inventory has the same one. Version 8 of RFC 9562, from SHA-256. */
export function contentUuid({ target, namespace, layers, packages, problems }: Inventory): string {
  const hash = createHash('sha256');
  for (const part of [target, namespace, layers, problems, TOOL.version, ...packages])
    hash.update(`${JSON.stringify(part)}\n`);
  const hex = hash.digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Time of a document, in whole seconds as SPDX asks. */
export function documentTime(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, 'Z');
}
