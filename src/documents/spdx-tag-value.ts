import { ScannerError } from '../model/errors.ts';
import type { JsonFields } from '../platform/json-values.ts';

type Fields = Record<string, unknown>;

interface Annotation {
  readonly ref?: string;
  readonly comment?: string;
}

/** Tags of a package, and the fields of the JSON form that they are. */
const PACKAGE_FIELDS: Readonly<Record<string, string>> = {
  SPDXID: 'SPDXID',
  PackageVersion: 'versionInfo',
  PrimaryPackagePurpose: 'primaryPackagePurpose',
  PackageSourceInfo: 'sourceInfo',
};

/** Tags that begin something else than a package, whose tags are no concern of it. */
const OTHER_SECTIONS: ReadonlySet<string> = new Set(['FileName', 'SnippetSPDXID', 'LicenseID', 'Reviewer']);

/**
 * An SPDX 2 document in tag-value form, in the shape of its JSON form as far as packages and relationships go.
 *
 * A line is `Tag: value`; a value of several lines stands between `<text>` and `</text>`.
 * @throws ScannerError `document.malformed` where such a text has no end.
 * Source: https://spdx.github.io/spdx-spec/v2.3/conformance/.
 */
export function parseSpdxTagValue(text: string): JsonFields {
  const document: Fields = {};
  const packages: Fields[] = [];
  const relationships: Fields[] = [];
  const annotations: Annotation[] = [];
  let current: Fields | undefined;
  let isInPackage = false;

  for (const { tag, value } of tagsOf(text)) {
    if (tag === 'SPDXVersion') document.spdxVersion = value;
    else if (tag === 'DocumentName') document.name = value;
    else if (tag === 'DocumentNamespace') document.documentNamespace = value;
    else if (tag === 'PackageName') {
      current = { name: value, externalRefs: [], attributionTexts: [] };
      packages.push(current);
      isInPackage = true;
    } else if (OTHER_SECTIONS.has(tag)) isInPackage = false;
    else if (tag === 'Relationship') relationships.push(relationshipOf(value));
    else if (tag === 'Annotator') annotations.push({});
    else if (tag === 'SPDXREF') annotate(annotations.at(-1), { ref: value });
    else if (tag === 'AnnotationComment') annotate(annotations.at(-1), { comment: value });
    else if (current && isInPackage) addToPackage(current, tag, value);
  }
  attach(annotations, packages);
  return { ...document, packages, relationships };
}

function addToPackage(item: Fields, tag: string, value: string): void {
  if (tag === 'ExternalRef') {
    const [, referenceCategory, referenceType, referenceLocator] = /^(\S+)\s+(\S+)\s+(\S+)/.exec(value) ?? [];
    (item.externalRefs as Fields[]).push({ referenceCategory, referenceType, referenceLocator });
  } else if (tag === 'PackageAttributionText') (item.attributionTexts as string[]).push(value);
  else if (Object.hasOwn(PACKAGE_FIELDS, tag)) item[PACKAGE_FIELDS[tag]!] ??= value;
}

function relationshipOf(value: string): Fields {
  const [spdxElementId, relationshipType, relatedSpdxElement] = value.split(/\s+/);
  return { spdxElementId, relationshipType: relationshipType?.toUpperCase(), relatedSpdxElement };
}

function annotate(annotation: Annotation | undefined, said: Annotation): void {
  if (annotation) Object.assign(annotation, said);
}

function attach(annotations: readonly Annotation[], packages: readonly Fields[]): void {
  const byId = new Map(packages.map((item) => [item.SPDXID, item]));
  for (const { ref, comment } of annotations) {
    const item = byId.get(ref);
    if (item === undefined || comment === undefined) continue;
    item.annotations ??= [];
    (item.annotations as Fields[]).push({ comment });
  }
}

function* tagsOf(text: string): Generator<{ readonly tag: string; readonly value: string }> {
  const line = /^[ \t]*([A-Za-z]+):[ \t]*(.*)$/gm;
  for (let match = line.exec(text); match; match = line.exec(text)) {
    const tag = match[1]!;
    let value = match[2]!.trimEnd();
    if (value.startsWith('<text>')) {
      const from = text.indexOf('<text>', match.index) + '<text>'.length;
      const end = text.indexOf('</text>', from);
      if (end < 0) throw new ScannerError('document.malformed', `the <text> of ${tag} has no end`);
      value = text.slice(from, end);
      line.lastIndex = end + '</text>'.length;
    }
    yield { tag, value };
  }
}
