import { groupOfArtifact } from './known-groups.ts';
import type { JarManifest } from './manifest.ts';

/** What Maven calls an artifact. Advisories name it `group:artifact`. */
export interface Coordinates {
  readonly group: string;
  readonly artifact: string;
  /** `` where none is stated. */
  readonly version: string;
}

/** Names of groups and artifacts as Maven Central takes them. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;

/** `spring-core` and `5.3.9` of `spring-core-5.3.9`; the version begins at the first digit behind a `-`. */
const FILE_NAME = /^(.+?)(?:-(v?\d[A-Za-z0-9._+-]*))?$/;

/** What a `pom.properties` states; undefined where group or artifact is missing. */
export function coordinatesOfPom(text: string): Coordinates | undefined {
  const properties = new Map<string, string>();
  for (const line of text.split(/\r\n|\n|\r/)) {
    const [, key, value] = /^(groupId|artifactId|version)\s*[=:]\s*(.*)$/s.exec(line.trim()) ?? [];
    if (key !== undefined && value !== undefined) properties.set(key, value);
  }
  const [group, artifact] = [properties.get('groupId') ?? '', properties.get('artifactId') ?? ''];
  if (!NAME.test(group) || !NAME.test(artifact)) return undefined;
  const version = properties.get('version') ?? '';
  // `${project.version}`, which a broken build left there, is no version.
  return { group, artifact, version: VERSION.test(version) ? version : '' };
}

/** The name of an archive and the version that it bears. @param path its last segment counts, without its ending. */
export function nameOfArchive(path: string): { readonly name: string; readonly version: string } {
  const base = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
  const [, name = base, version = ''] = FILE_NAME.exec(base) ?? [];
  return { name, version };
}

/**
 * Whether these are the coordinates of the archive itself, and not of something that was put into it (shaded): its file or its
 * manifest calls it so.
 */
export function isOwn({ artifact }: Coordinates, path: string, manifest: JarManifest): boolean {
  const { name } = nameOfArchive(path);
  if (name === artifact || name.startsWith(`${artifact}-`) || name.startsWith(`${artifact}_`)) return true;
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const names = [
    'Implementation-Title',
    'Bundle-Name',
    'Bundle-SymbolicName',
    'Automatic-Module-Name',
    'Specification-Title',
  ];
  const own = names.map((field) => plain(manifest.get(field) ?? '')).filter((text) => text !== '');
  return own.some((text) => text.endsWith(plain(artifact)));
}

/**
 * What the manifest and the file name say of an archive without a `pom.properties` of its own.
 *
 * The artifact is the title, where that has the form of one, else the name of the file. The group is stated in
 * `Implementation-Vendor-Id`, or known for artifacts whose builders write neither. It is never made up from
 * `Bundle-SymbolicName` or the names of classes: under a wrong group an archive would look clean.
 *
 * @returns undefined where the group is not known.
 */
export function coordinatesOfManifest(manifest: JarManifest, path: string): Coordinates | undefined {
  const file = nameOfArchive(path);
  const version =
    ['Implementation-Version', 'Bundle-Version', 'Specification-Version']
      .map((field) => manifest.get(field))
      .find(isVersion) ?? file.version;
  const title = manifest.get('Implementation-Title') ?? '';
  const stated = manifest.get('Implementation-Vendor-Id') ?? '';
  for (const artifact of [title, file.name]) {
    if (!NAME.test(artifact)) continue;
    const group = groupOfArtifact(artifact) ?? (NAME.test(stated) && stated.length > 1 ? stated : undefined);
    if (group !== undefined) return { group, artifact, version: file.version === '' ? version : file.version };
  }
  return undefined;
}

function isVersion(text: string | undefined): text is string {
  return text !== undefined && /^v?\d/.test(text) && VERSION.test(text);
}

/** What the archive says of itself, for a person. */
export function selfDescription(manifest: JarManifest): string {
  const fields = [
    'Bundle-SymbolicName',
    'Implementation-Title',
    'Automatic-Module-Name',
    'Bundle-Version',
    'Implementation-Version',
  ];
  const said = fields.flatMap((field) =>
    manifest.has(field) ? [`${field} ${manifest.get(field)!.slice(0, 80)}`] : [],
  );
  return said.join(', ');
}
