/** The main section of a manifest, by field name as written. */
export type JarManifest = ReadonlyMap<string, string>;

/**
 * Reads the main section of `META-INF/MANIFEST.MF`: `Name: value` lines, of which one that begins with a blank goes on with the one
 * before. It ends at the first blank line.
 * Source: https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest.
 */
export function readJarManifest(text: string): JarManifest {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') {
      if (fields.size > 0) break;
      continue;
    }
    const colon = line.indexOf(':');
    if (line.startsWith(' ')) fields.set(last, (fields.get(last) ?? '') + line.slice(1));
    else if (colon > 0) {
      last = line.slice(0, colon);
      fields.set(last, line.slice(colon + 1).trimStart());
    }
  }
  return fields;
}
