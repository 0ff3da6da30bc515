import { packagesOfSpdx, relationshipsOfSpdx } from '../../documents/spdx.ts';
import { asFields, asList, asText, type JsonFields } from '../../platform/json-values.ts';
import type { ArchiveReader, DocumentFile, DocumentPackage, ReaderContext } from '../reader.ts';
import { spdxPackage } from '../spdx-packages.ts';
import { withoutRepeats } from '../statements-by-subject.ts';

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
  const recipes = new Map<string, DocumentPackage>();
  const installed: { readonly listed: DocumentPackage; readonly place: string; readonly recipe: string | undefined }[] =
    [];
  const used = new Set<string>();
  for (const document of documents) {
    const deviation = deviationOf(document, problem);
    const recipeOf = recipesOfPackages(document);
    for (const item of packagesOfSpdx(document, deviation)) {
      const { id, place } = item;
      if (id.startsWith('SPDXRef-Recipe-'))
        recipes.set(`${document.documentNamespace}#${id}`, spdxPackage(item, document, deviation));
      else if (id.startsWith('SPDXRef-Package-'))
        installed.push({
          listed: spdxPackage(item, document, deviation),
          place: `${asText(document.name) ?? ''}: ${place}`,
          recipe: recipeOf.get(id),
        });
    }
  }
  for (const { listed, place, recipe } of installed) {
    const base = recipe === undefined ? undefined : recipes.get(recipe);
    if (recipe !== undefined && !base) {
      const message = `${place} is of a recipe that is not in the archive`;
      problem({ code: 'reader.deviation', message, path: place.slice(0, place.lastIndexOf(': ')) });
    }
    if (base) used.add(recipe!);
    yield base ? builtFrom(listed, base) : listed;
  }
  for (const [key, listed] of recipes)
    if (!used.has(key)) yield { ...listed, filtered: 'it is a recipe of the build, of which nothing is installed' };
}

function deviationOf({ name }: JsonFields, problem: ReaderContext['problem']): (place: string, what: string) => void {
  const path = asText(name) ?? '';
  return (place, what) => problem({ code: 'reader.deviation', message: `${path}: ${place} ${what}`, path });
}

/** A package with what its recipe says of it. */
function builtFrom(listed: DocumentPackage, recipe: DocumentPackage): DocumentPackage {
  const cpes = joined(listed.cpes, recipe.cpes, (both) => [...new Set(both)]);
  const statements = joined(listed.statements, recipe.statements, withoutRepeats);
  return {
    ...listed,
    source: { name: recipe.name, version: recipe.version },
    ...(cpes && { cpes }),
    ...(statements && { statements }),
    ...(recipe.compiledSources && { compiledSources: recipe.compiledSources }),
  };
}

/** Of many packages of one recipe that say nothing themselves, all share its list. */
function joined<Item>(
  own: readonly Item[] | undefined,
  more: readonly Item[] | undefined,
  join: (both: readonly Item[]) => readonly Item[],
): readonly Item[] | undefined {
  return own && more ? join([...own, ...more]) : (own ?? more);
}

/** By the id of a package the recipe that it was generated from: namespace of its document, `#`, and its id. */
function recipesOfPackages(document: JsonFields): ReadonlyMap<string, string> {
  const namespaces = new Map<string, string>();
  for (const { externalDocumentId: id, spdxDocument: namespace } of asList(document.externalDocumentRefs).map(asFields))
    if (typeof id === 'string' && typeof namespace === 'string' && !namespaces.has(id)) namespaces.set(id, namespace);
  const recipes = new Map<string, string>();
  for (const { from, type, to } of relationshipsOfSpdx(document)) {
    if (type !== 'GENERATED_FROM' || recipes.has(from)) continue;
    const [reference = '', element] = to.split(':', 2);
    const namespace = namespaces.get(reference);
    if (element !== undefined && namespace !== undefined) recipes.set(from, `${namespace}#${element}`);
  }
  return recipes;
}
