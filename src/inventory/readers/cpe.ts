import { documentPackage } from '../document-package.ts';
import { listedLines } from '../listed-lines.ts';
import type { DocumentPackage, TextReader } from '../reader.ts';

/** A list of CPE names, 2.3 or 2.2, one a line; `#` begins a comment. Source: NISTIR 7695. */
export const cpeReader: TextReader = {
  name: 'cpe',
  title: 'CPE names, one a line',
  form: 'text',
  recognises: (head) => /^cpe:(2\.3:|\/)/.test(listedLines(head).next().value?.value ?? ''),

  read(text, { problem }) {
    const packages: DocumentPackage[] = [];
    for (const { line, value } of listedLines(text)) {
      const path = `line ${line}`;
      const deviation = (what: string) => problem({ code: 'reader.deviation', message: `${path}: ${what}`, path });
      const { product = value, version } = wordsOf(value);
      const listed = documentPackage({ name: product, version, cpes: [value] }, deviation);
      packages.push(listed.cpes === undefined ? { ...listed, filtered: 'it is no CPE' } : listed);
    }
    return { packages };
  },
};

/** Product and version of a CPE, as they are without escapes; what is `*` or `-` is not stated. */
function wordsOf(cpe: string): { readonly product?: string; readonly version?: string } {
  const isFormatted = cpe.startsWith('cpe:2.3:');
  const words = isFormatted ? cpe.slice('cpe:2.3:'.length).split(/(?<!\\):/) : cpe.slice('cpe:/'.length).split(':');
  const plain = (word: string | undefined): string | undefined => {
    if (word === undefined || word === '' || word === '*' || word === '-') return undefined;
    return isFormatted ? word.replace(/\\(.)/g, '$1') : decoded(word);
  };
  const [product, version] = [plain(words[2]), plain(words[3])];
  return { ...(product !== undefined && { product }), ...(version !== undefined && { version }) };
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
