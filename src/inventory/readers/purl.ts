import { documentPackage } from '../document-package.ts';
import { listedLines } from '../listed-lines.ts';
import type { DocumentPackage, TextReader } from '../reader.ts';

/** A list of package URLs, one a line; `#` begins a comment. Source: https://github.com/package-url/purl-spec. */
export const purlReader: TextReader = {
  name: 'purl',
  title: 'package URLs, one a line',
  form: 'text',
  recognises: (head) => listedLines(head).next().value?.value.startsWith('pkg:') ?? false,

  read(text, { problem }) {
    const packages: DocumentPackage[] = [];
    for (const { line, value } of listedLines(text)) {
      const path = `line ${line}`;
      const deviation = (what: string) => problem({ code: 'reader.deviation', message: `${path}: ${what}`, path });
      const listed = documentPackage({ name: value, purl: value }, deviation);
      packages.push(listed.purl === undefined ? { ...listed, filtered: 'it is no package URL' } : listed);
    }
    return { packages };
  },
};
