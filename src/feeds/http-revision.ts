/**
 * The text that `HttpDocument.revision` is: what the server, or the mirror's file system, would know the content by, and its hash.
 * JSON in a fixed order, so equal ones are equal as text.
 */
export interface HttpRevision {
  readonly sha256: string;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** `<size>-<modification time>` of a file in a mirror. */
  readonly file?: string | undefined;
}

export function writeRevision({ sha256, etag, lastModified, file }: HttpRevision): string {
  return JSON.stringify({ sha256, etag, lastModified, file });
}

/** @returns undefined for what is no such text: then everything is new. */
export function readRevision(text: string | undefined): HttpRevision | undefined {
  if (!text?.startsWith('{')) return undefined;
  try {
    const { sha256, etag, lastModified, file } = JSON.parse(text) as Record<string, unknown>;
    if (typeof sha256 !== 'string') return undefined;
    return { sha256, etag: textOf(etag), lastModified: textOf(lastModified), file: textOf(file) };
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
