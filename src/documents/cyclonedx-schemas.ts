import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Versions whose documents are read and checked. Their published schemas come from the CycloneDX library.
 * Source: https://github.com/CycloneDX/specification.
 */
export const CYCLONEDX_VERSIONS = ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'] as const;

export type CycloneDxVersion = (typeof CYCLONEDX_VERSIONS)[number];

/** Where the build lays the schemas: beside the chunk that this file is in then. */
const BUILT = join(import.meta.dirname, '../schemas');

/** @param name e.g. `bom-1.6.SNAPSHOT.schema.json`. */
export function readSchema(name: string): string {
  const folder = existsSync(BUILT) ? BUILT : join(libraryFolder(), 'res/schema');
  return readFileSync(join(folder, name), 'utf8');
}

function libraryFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'));
}

/** A place where a document breaks its schema. */
export interface Violation {
  /** e.g. `components[3].type`, or `line 12, column 5`. */
  readonly place: string;
  /** A clause: `must be equal to one of the allowed values: …`. */
  readonly what: string;
}
