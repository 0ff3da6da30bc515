import { inflateSync } from 'node:zlib';
import type { LayerFile } from '../../model/layer.ts';
import type { ReportProblem } from '../../model/problem.ts';
import { asFields, asList, asText } from '../../platform/json-values.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry } from '../lockfile.ts';
import { executableOf, isProgram } from '../program-file.ts';

const SECTION = '.dep-v0';

/** A program of a thousand crates has some 10 kB. */
const MAX_SECTION_BYTES = 1024 * 1024;
/** As the reference reader's. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;

/**
 * Lists the crates that a Rust program was built from, which `cargo auditable` puts into a section of it: JSON, compressed by zlib.
 *
 * The program's own crates are listed too; where a crate does not come from crates.io, `source` says so. What ran only while it
 * was built is marked as for development.
 * Source: https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md and cargo-auditable.schema.json.
 */
export const cargoAuditableLister: PackageLister = {
  name: 'cargo-auditable',
  version: 1,
  wants: isProgram,

  async *list(file, { problem }) {
    const executable = await executableOf(file);
    const section = executable?.section(SECTION);
    if (section === undefined || section.sizeBytes === 0) return;
    if (section.sizeBytes > MAX_SECTION_BYTES) {
      const message = `a section ${SECTION} of ${section.sizeBytes} bytes is not read (MAX_SECTION_BYTES ${MAX_SECTION_BYTES})`;
      problem({ code: 'lister.file-too-large', message, path: file.path });
      return;
    }
    const document = parse(await file.read(section.offset, section.sizeBytes), file, problem);
    if (document !== undefined) yield* languagePackages('cargo', cratesOf(document, file, problem));
  },
};

function parse(section: Buffer, file: LayerFile, problem: ReportProblem): unknown {
  try {
    // What pads the section behind the stream is passed over.
    return JSON.parse(inflateSync(section, { maxOutputLength: MAX_JSON_BYTES }).toString('utf8'));
  } catch (error) {
    const message = `section ${SECTION}: ${error instanceof Error ? error.message : error}`;
    problem({ code: 'lister.malformed-file', message, path: file.path });
    return undefined;
  }
}

function* cratesOf(document: unknown, file: LayerFile, problem: ReportProblem): Generator<LanguagePackage> {
  for (const [index, entry] of asList(asFields(document).packages).entries()) {
    const { name, version, source, kind } = asFields(entry);
    const [crate, origin] = [asText(name), asText(source)];
    if (crate === undefined) {
      problem(incompleteEntry(file, `packages[${index}]`, 'a crate without a name'));
      continue;
    }
    if (asText(version) === undefined) problem(incompleteEntry(file, crate, 'no version'));
    yield {
      name: crate,
      version: asText(version) ?? '',
      isDevelopment: kind === 'build',
      ...(origin !== undefined && origin !== 'crates.io' && { properties: { source: origin } }),
    };
  }
}
