import * as z from 'zod';
import { ANNOTATION_STATUSES, type Annotation, type AnnotationEntry } from '../model/annotation.ts';
import { ScannerError } from '../model/errors.ts';
import type { Problem } from '../model/problem.ts';
import type { Scope } from '../model/scope.ts';
import { scopeRank } from './scope.ts';

/** People's verdicts, as a file of annotations holds them. */
export interface Annotations {
  /** The most closely scoped annotation on any of these ids; undefined where none holds of the report. */
  find(ids: readonly string[]): Annotation | undefined;
  /** What the file says, and what can have no effect. */
  readonly problems: readonly Problem[];
}

const status = z.enum(ANNOTATION_STATUSES);
const timestamp = z
  .string()
  .refine((text) => /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text)), 'is no time of ISO 8601');

const annotationsSchema = z.strictObject({
  version: z.string().regex(/^2\.0\.\d+$/, 'is not 2.0.0'),
  scopes: z
    .strictObject({
      transversals: z.array(z.string()).optional(),
      projects: z.array(z.strictObject({ name: z.string(), components: z.array(z.string()).optional() })).optional(),
    })
    .optional(),
  annotations: z.array(
    z.strictObject({
      vulnerability_name: z.string().min(1),
      scope: z.string().min(1).optional(),
      last_status: status,
      last_vulnerable: z.boolean(),
      logs: z
        .array(
          z.strictObject({
            timestamp,
            status_change: z.strictObject({ from: status, to: status }),
            vulnerable_change: z.boolean(),
            comment: z.string(),
          }),
        )
        .optional(),
    }),
  ),
});

type AnnotationsDocument = z.infer<typeof annotationsSchema>;
type StatedAnnotation = AnnotationsDocument['annotations'][number];

/**
 * Reads an annotations file 2.0.0. Strict: a key or word that it does not know is refused, as it would have no effect in silence.
 *
 * @param name of the file, for errors.
 * @throws ScannerError `annotations.malformed`, naming the first place that is wrong.
 */
export function readAnnotations(text: string, name: string, scope: Scope): Annotations {
  const document = parse(text, name);
  const rankById = new Map<string, { readonly rank: number; readonly stated: StatedAnnotation }>();
  const seen = new Map<string, number>();
  for (const [index, stated] of document.annotations.entries()) {
    const key = JSON.stringify([stated.vulnerability_name, stated.scope ?? '*']);
    const first = seen.get(key);
    if (first !== undefined)
      throw malformed(name, `annotations.${index}`, `says again what annotations.${first} is about: keep one`);
    seen.set(key, index);
    const rank = scopeRank(stated.scope, scope);
    const known = rankById.get(stated.vulnerability_name);
    if (rank > (known?.rank ?? 0)) rankById.set(stated.vulnerability_name, { rank, stated });
  }
  return {
    find(ids) {
      const found = ids.flatMap((id) => rankById.get(id) ?? []).sort((a, b) => b.rank - a.rank);
      return found[0] && annotationOf(found[0].stated);
    },
    problems: undeclaredScopes(document, name),
  };
}

function parse(text: string, name: string): AnnotationsDocument {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw malformed(name, 'the document', 'is no JSON', cause);
  }
  const result = annotationsSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw malformed(name, issue?.path.map(String).join('.') || 'the document', issue?.message ?? '');
}

function malformed(name: string, place: string, what: string, cause?: unknown): ScannerError {
  return new ScannerError('annotations.malformed', `${name}: ${place}: ${what}`, { name, place }, { cause });
}

function annotationOf({ last_status, last_vulnerable, scope, logs = [] }: StatedAnnotation): Annotation {
  const log = logs.map(
    ({ timestamp: at, status_change: { from, to }, vulnerable_change, comment }): AnnotationEntry => ({
      ...{ at, comment, from, to },
      changesVulnerable: vulnerable_change,
    }),
  );
  return {
    status: last_status,
    isVulnerable: last_vulnerable,
    ...(scope !== undefined && { scope }),
    ...(log.length === 0 && { isLegacy: true }),
    log: log.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
  };
}

/** Scopes of annotations that the file's own list does not have: mostly a slip of the pen, and then the annotation holds nowhere. */
function undeclaredScopes({ scopes, annotations }: AnnotationsDocument, name: string): readonly Problem[] {
  if (!scopes) return [];
  const declared = new Set(['*', ...(scopes.transversals ?? [])]);
  for (const { name: project, components = [] } of scopes.projects ?? []) {
    declared.add(`/${project}`);
    for (const component of components) declared.add(`/${project}/${component}`);
  }
  const undeclared = annotations.flatMap(({ scope }) => (scope !== undefined && !declared.has(scope) ? [scope] : []));
  return [...new Set(undeclared)].map((scope) => ({
    code: 'annotations.undeclared-scope',
    message: `${name}: the scope ${JSON.stringify(scope)} of an annotation is none of its scopes`,
    path: name,
  }));
}
