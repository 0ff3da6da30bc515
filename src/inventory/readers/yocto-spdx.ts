import { packagesOfSpdx, relationshipsOfSpdx, type SpdxPackage } from '../../documents/spdx.ts';
import { asFields, asList, asText, type JsonFields } from '../../platform/json-values.ts';
import type { ArchiveReader, DocumentFile, DocumentPackage, ReaderContext } from '../reader.ts';
import { spdxPackage } from '../spdx-packages.ts';
import { withoutRepeats } from '../stated-properties.ts';

/**
 * OpenEmbedded's create-spdx-2.2: a tar (mostly zstd) of one SPDX 2.2 document for each installed package, each recipe, and each
 * package's runtime, and `index.json`. What is installed is in the documents of packages; CPEs and the vulnerabilities that patches
 * mend are in those of the recipes that they were generated from.
 * Source: https://docs.yoctoproject.org/4.0/dev-manual/sbom.html.
 */
export const yoctoSpdxReader: ArchiveReader = {
  name: 'yocto-spdx',
  title: 'SPDX 2.2 of a Yocto image, a tar of many documents',
  form: 'archive',
  recognises: (firstPath) => firstPath.endsWith('.spdx.json'),

  read(files, context) {
    reportMissing(files, context);
    return { packages: packagesOf(documentsOf(files, context), context) };
  },
};

interface Recipe {
  readonly item: SpdxPackage;
  readonly document: JsonFields;
}

/** The index says what the archive should hold: one that was cut lacks documents without a sign of it. */
function reportMissing(files: readonly DocumentFile[], { problem }: ReaderContext): void {
  const index = files.find(({ path }) => path === 'index.json' || path.endsWith('/index.json'));
  const held = new Set(files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  if (!index) {
    problem({
      code: 'reader.missing-document',
      message: 'index.json is missing: whether the archive is whole is not known',
    });
    return;
  }
  for (const item of asList(asFields(parsed(index.text)).documents)) {
    const path = asText(asFields(item).filename);
    if (path !== undefined && !held.has(path))
      problem({ code: 'reader.missing-document', message: `${path} is missing, which index.json names`, path });
  }
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function documentsOf(files: readonly DocumentFile[], { problem }: ReaderContext): readonly JsonFields[] {
  return files
    .filter(({ path }) => path.endsWith('.spdx.json'))
    .flatMap(({ path, text }) => {
      const document = parsed(text);
      if (document !== undefined) return [asFields(document)];
      problem({ code: 'reader.malformed-document', message: `${path} is no JSON`, path });
      return [];
    });
}

function* packagesOf(documents: readonly JsonFields[], { problem }: ReaderContext): Generator<DocumentPackage> {
  const recipes = new Map<string, Recipe>();
  const used = new Set<string>();
  const installed: { readonly item: SpdxPackage; readonly document: JsonFields }[] = [];
  for (const document of documents) {
    const deviation = deviationOf(document, problem);
    for (const item of packagesOfSpdx(document, deviation)) {
      if (item.id.startsWith('SPDXRef-Recipe-'))
        recipes.set(`${document.documentNamespace}#${item.id}`, { item, document });
      else if (item.id.startsWith('SPDXRef-Package-')) installed.push({ item, document });
    }
  }
  for (const { item, document } of installed) {
    const key = recipeOf(item, document);
    const recipe = key === undefined ? undefined : recipes.get(key);
    if (key !== undefined) used.add(key);
    if (key !== undefined && !recipe)
      deviationOf(document, problem)(item.place, 'is of a recipe that is not in the archive');
    yield builtFrom(item, document, { recipe, problem });
  }
  for (const [key, { item, document }] of recipes) {
    if (used.has(key)) continue;
    const listed = spdxPackage(item, document, deviationOf(document, problem));
    yield { ...listed, filtered: 'it is a recipe of the build, of which nothing is installed' };
  }
}

function deviationOf({ name }: JsonFields, problem: ReaderContext['problem']): (place: string, what: string) => void {
  const path = asText(name) ?? '';
  return (place, what) => problem({ code: 'reader.deviation', message: `${path}: ${place} ${what}`, path });
}

/** A package with what its recipe says of it. */
function builtFrom(
  item: SpdxPackage,
  document: JsonFields,
  { recipe, problem }: { readonly recipe: Recipe | undefined; readonly problem: ReaderContext['problem'] },
): DocumentPackage {
  const listed = spdxPackage(item, document, deviationOf(document, problem));
  if (!recipe) return listed;
  const base = spdxPackage(recipe.item, recipe.document, deviationOf(recipe.document, problem));
  const cpes = [...new Set([...(listed.cpes ?? []), ...(base.cpes ?? [])])];
  const statements = withoutRepeats([...(listed.statements ?? []), ...(base.statements ?? [])]);
  return {
    ...listed,
    source: { name: base.name, version: base.version },
    ...(cpes.length > 0 && { cpes }),
    ...(statements.length > 0 && { statements }),
    ...(base.compiledSources && { compiledSources: base.compiledSources }),
  };
}

/** The recipe that a package was generated from: namespace of its document, `#`, and its id. */
function recipeOf({ id }: SpdxPackage, document: JsonFields): string | undefined {
  for (const { from, type, to } of relationshipsOfSpdx(document)) {
    if (type !== 'GENERATED_FROM' || from !== id) continue;
    const [reference, element] = to.split(':');
    if (element === undefined) continue;
    const external = asList(document.externalDocumentRefs)
      .map(asFields)
      .find(({ externalDocumentId }) => externalDocumentId === reference);
    if (typeof external?.spdxDocument === 'string') return `${external.spdxDocument}#${element}`;
  }
  return undefined;
}
