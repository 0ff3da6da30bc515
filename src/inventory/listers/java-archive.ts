import { ScannerError } from '../../model/errors.ts';
import type { ListedPackage } from '../../model/package.ts';
import type { ReportProblem } from '../../model/problem.ts';
import type { ByteSource } from '../../platform/archives/byte-source.ts';
import { type ByteBudget, type ZipMember, zipMembers } from '../../platform/archives/zip-members.ts';
import { languagePackage } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import {
  type Coordinates,
  coordinatesOfManifest,
  coordinatesOfPom,
  isOwn,
  selfDescription,
} from './java-archive/coordinates.ts';
import { readJarManifest } from './java-archive/manifest.ts';

/** What one archive, with all that lie in it, may cost. Above one of these is a problem: what was found before is listed. */
export interface JavaArchiveLimits {
  /** Archives in archives: an ear holds wars, which hold jars, which may hold jars. */
  readonly maxDepth: number;
  readonly maxArchives: number;
  readonly maxEntries: number;
  readonly maxDirectoryBytes: number;
  /** Of one file that is decompressed; an archive that is stored is read where it lies. */
  readonly maxMemberBytes: number;
  /** Of all files that are read. */
  readonly maxTotalBytes: number;
}

/** Limits that no real archive comes near. */
export const JAVA_ARCHIVE_LIMITS: JavaArchiveLimits = {
  maxDepth: 6,
  maxArchives: 10_000,
  maxEntries: 1_000_000,
  maxDirectoryBytes: 128 * 1024 ** 2,
  maxMemberBytes: 128 * 1024 ** 2,
  maxTotalBytes: 1024 ** 3,
};

/** Applications and libraries of Java, of application servers, Jenkins and Karaf. */
const ARCHIVE = /\.(?:jar|war|ear|par|sar|kar|nar|jpi|hpi)$/i;
const MANIFEST = 'META-INF/MANIFEST.MF';
const POM = /(?:^|\/)META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;

/** Lists the Maven artifacts of Java archives, those of nested and shaded ones too. */
export const javaArchiveLister: PackageLister = javaArchiveListerWithin(JAVA_ARCHIVE_LIMITS);

/**
 * The lister with other limits.
 *
 * An archive that Maven built has a `pom.properties` with its coordinates, and one for each archive that was unpacked into it
 * (shaded). Without one of its own, its manifest counts, as far as it states a group. An archive of which nobody says what it is, is a
 * problem, not a package: see `coordinatesOfManifest`.
 * Source: https://maven.apache.org/shared/maven-archiver/, the JAR File Specification, OSGi Core 8, section 3.2.
 */
export function javaArchiveListerWithin(limits: JavaArchiveLimits): PackageLister {
  return {
    name: 'java-archive',
    version: 1,
    fileNames: ['*.jar', '*.war', '*.ear', '*.par', '*.sar', '*.kar', '*.nar', '*.jpi', '*.hpi'],
    wants: ({ path }) => ARCHIVE.test(path),

    async *list(file, { problem }) {
      const budget: ByteBudget = { ...limits, readBytes: 0 };
      yield* new ArchiveReading(file.path, limits, budget, problem).list({ source: file, innerPath: '', depth: 0 });
    },
  };
}

interface Archive {
  readonly source: ByteSource;
  /** Where it lies in the file; `` for the file itself. Between archives stands `!/`. */
  readonly innerPath: string;
  readonly depth: number;
}

/** The reading of one file: what its archives share. */
class ArchiveReading {
  readonly #path: string;
  readonly #limits: JavaArchiveLimits;
  readonly #budget: ByteBudget;
  readonly #problem: ReportProblem;
  #archiveCount = 0;

  constructor(path: string, limits: JavaArchiveLimits, budget: ByteBudget, problem: ReportProblem) {
    this.#path = path;
    this.#limits = limits;
    this.#budget = budget;
    this.#problem = problem;
  }

  async *list(archive: Archive): AsyncGenerator<ListedPackage> {
    const members = await this.#try(archive.innerPath, () => this.#open(archive));
    if (members === undefined) return;
    for (const coordinates of await this.#identify(archive, members)) yield packageOf(coordinates, archive);
    for (const member of members.filter(({ name }) => ARCHIVE.test(name))) {
      const innerPath = archive.innerPath === '' ? member.name : `${archive.innerPath}!/${member.name}`;
      const source = await this.#try(innerPath, () => member.source(this.#budget));
      if (source !== undefined) yield* this.list({ source, innerPath, depth: archive.depth + 1 });
    }
  }

  #open({ source, depth }: Archive): Promise<readonly ZipMember[]> {
    const { maxDepth, maxArchives } = this.#limits;
    if (depth > maxDepth) throw aboveLimit('maxDepth', maxDepth);
    if (++this.#archiveCount > maxArchives) throw aboveLimit('maxArchives', maxArchives);
    return zipMembers(source, this.#limits, (name) => name === MANIFEST || POM.test(name) || ARCHIVE.test(name));
  }

  /** The archive itself, as far as it says what it is, and what was unpacked into it; each once. */
  async #identify({ innerPath }: Archive, members: readonly ZipMember[]): Promise<readonly Coordinates[]> {
    const poms: Coordinates[] = [];
    for (const member of members.filter(({ name }) => POM.test(name))) {
      const coordinates = coordinatesOfPom(await this.#text(member, innerPath));
      if (coordinates === undefined)
        this.#tell('lister.incomplete-entry', innerPath, `${member.name} names no artifact`);
      else if (!poms.some((known) => keyOf(known) === keyOf(coordinates))) poms.push(coordinates);
    }
    const entry = members.find(({ name }) => name === MANIFEST);
    const manifest = readJarManifest(entry === undefined ? '' : await this.#text(entry, innerPath));
    const ownPath = innerPath === '' ? this.#path : innerPath;
    if (poms.some((pom) => isOwn(pom, ownPath, manifest))) return poms;
    const own = coordinatesOfManifest(manifest, ownPath);
    if (own !== undefined) return [own, ...poms];
    const said = selfDescription(manifest);
    // A renamed archive whose manifest says nothing may well be what its only pom.properties names.
    if (poms.length === 0 || said !== '') this.#tellUnknown(innerPath, said);
    return poms;
  }

  #tellUnknown(innerPath: string, said: string): void {
    const message = `neither pom.properties nor the manifest names its Maven group and artifact${said && `; it says: ${said}`}`;
    this.#tell('lister.unidentified-archive', innerPath, message);
  }

  async #text(member: ZipMember, innerPath: string): Promise<string> {
    return (await this.#try(innerPath, async () => (await member.bytes(this.#budget)).toString('utf8'))) ?? '';
  }

  /** What cannot be read is a problem of its archive; the others are listed. */
  async #try<T>(innerPath: string, attempt: () => Promise<T>): Promise<T | undefined> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ScannerError)) throw error;
      const code = error.code === 'archive.limit-exceeded' ? 'lister.limit-exceeded' : 'lister.damaged-archive';
      this.#tell(code, innerPath, error.message);
      return undefined;
    }
  }

  #tell(code: string, innerPath: string, what: string): void {
    this.#problem({ code, message: innerPath === '' ? what : `${innerPath}: ${what}`, path: this.#path });
  }
}

function packageOf({ group, artifact, version }: Coordinates, { innerPath }: Archive): ListedPackage {
  return languagePackage('maven', { name: `${group}:${artifact}`, version, ...(innerPath !== '' && { innerPath }) });
}

function keyOf({ group, artifact, version }: Coordinates): string {
  return `${group}:${artifact}:${version}`;
}

function aboveLimit(limit: string, value: number): ScannerError {
  return new ScannerError('archive.limit-exceeded', `above the limit ${limit} = ${value}`, { limit, value });
}
