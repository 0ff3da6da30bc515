import type { Opinions, VexOpinions } from '../assessing/assess-findings.ts';
import type { VexReading } from '../assessing/vex/read-vex.ts';
import { readDocumentFile } from '../inventory/open-document.ts';
import { ScannerError } from '../model/errors.ts';
import type { Scope } from '../model/scope.ts';
import { documentText } from '../platform/document-text.ts';
import { namingDocument } from './document-target.ts';

/** Where the opinions of people and suppliers lie. */
export interface OpinionPlaces {
  /** An annotations file. */
  readonly annotations?: string;
  /** VEX documents. */
  readonly vex?: readonly string[];
  /** A file of ignore rules. */
  readonly ignoreFile?: string;
  /** Ignore rules of the configuration, as written, and where they stand. */
  readonly ignore?: { readonly rules: unknown; readonly place: string };
}

/**
 * Reads what people and suppliers say of vulnerabilities. Who reads it is loaded only where there is something.
 *
 * @param scope of the report: which annotations hold of it.
 * @throws ScannerError `annotations.malformed`, `ignore.malformed`, `vex.malformed`, `document.…` (a file that cannot be read).
 */
export async function readOpinions(
  { annotations, vex = [], ignoreFile, ignore }: OpinionPlaces,
  scope: Scope,
): Promise<Opinions> {
  const ignoreRules = [
    ...(ignore === undefined ? [] : await readRules(ignore.rules, ignore.place)),
    ...(ignoreFile === undefined ? [] : await readIgnoreFile(ignoreFile)),
  ];
  return {
    ...(annotations !== undefined && { annotations: await readAnnotationsFile(annotations, scope) }),
    ...(vex.length > 0 && { vex: await readVexFiles(vex) }),
    ...(ignoreRules.length > 0 && { ignoreRules }),
  };
}

async function readAnnotationsFile(file: string, scope: Scope) {
  const { readAnnotations } = await import('../assessing/annotations.ts');
  return readAnnotations(documentText(await bytesOf(file)), file, scope);
}

async function readVexFiles(files: readonly string[]): Promise<VexOpinions> {
  const [{ readVex }, { indexClaims }] = await Promise.all([
    import('../assessing/vex/read-vex.ts'),
    import('../assessing/vex/find-statements.ts'),
  ]);
  const readings: VexReading[] = [];
  for (const file of files) readings.push(readVex(await bytesOf(file), file));
  const claims = readings.flatMap((reading) => reading.claims);
  return {
    statementsOn: (target) => indexClaims(claims, target),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

/** A YAML document of this size takes half a minute, and no person writes one. */
export const IGNORE_FILE_LIMITS = { maxDocumentBytes: 16 * 1024 ** 2 };

async function readIgnoreFile(file: string) {
  const { parseYaml } = await import('../platform/yaml.ts');
  const text = documentText(await bytesOf(file, IGNORE_FILE_LIMITS.maxDocumentBytes));
  try {
    return await readRules(parseYaml(text), file);
  } catch (cause) {
    if (cause instanceof ScannerError) throw cause;
    const [line] = String(cause instanceof Error ? cause.message : cause).split('\n', 1);
    throw new ScannerError('ignore.malformed', `${file}: ${line}`, { file }, { cause });
  }
}

async function readRules(rules: unknown, place: string) {
  const { readIgnoreRules } = await import('../assessing/ignore-rules.ts');
  return readIgnoreRules(rules, place);
}

async function bytesOf(file: string, maxDocumentBytes?: number): Promise<Buffer> {
  try {
    return await readDocumentFile(file, maxDocumentBytes);
  } catch (error) {
    throw namingDocument(error, file);
  }
}
