import { isCycloneDx } from '../documents/cyclonedx.ts';
import type { Violation } from '../documents/cyclonedx-schemas.ts';
import { validateCycloneDxJson } from '../documents/validate-cyclonedx-json.ts';
import { validateCycloneDxXml } from '../documents/validate-cyclonedx-xml.ts';
import { ScannerError } from '../model/errors.ts';
import { documentText } from '../platform/document-text.ts';
import { parseJsonDocument } from '../platform/json-document.ts';
import { asFields } from '../platform/json-values.ts';
import { DEFAULT_DOCUMENT_LIMITS } from './document-limits.ts';

/**
 * What is wrong with a CycloneDX document by its own schema; a scan reads what it can of it all the same.
 *
 * @param bytes decompressed.
 * @returns empty for a valid document.
 * @throws ScannerError `document.malformed`, `document.limit-exceeded`, `document.unknown-format` (another format).
 */
export function validateDocument(bytes: Buffer): readonly Violation[] {
  const text = documentText(bytes);
  const first = /\S/.exec(text)?.[0];
  if (first === '<') return validateCycloneDxXml(text);
  if (first === '{') {
    const document = asFields(parseJsonDocument(bytes, text, DEFAULT_DOCUMENT_LIMITS));
    if (isCycloneDx(document) || 'bomFormat' in document) return validateCycloneDxJson(document);
  }
  throw new ScannerError('document.unknown-format', 'it is no CycloneDX document; only such are validated');
}
