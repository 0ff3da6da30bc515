import { languagePackage } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry } from '../lockfile.ts';

const INSTALLED = /(?:\.dist-info\/METADATA|\.egg-info\/PKG-INFO|(?:^|\/)EGG-INFO\/PKG-INFO|\.egg-info)$/;

/** The fields stand at the beginning; what comes after them, a whole README, is not read. */
const HEAD_BYTES = 16 * 1024;

/**
 * Lists installed Python distributions: `X.dist-info/METADATA` (wheels), `X.egg-info/PKG-INFO` and `EGG-INFO/PKG-INFO` (setuptools),
 * and `X.egg-info` that is a file itself (distutils).
 *
 * Names are listed as the distribution writes itself (`Jinja2`).
 * Source: https://packaging.python.org/en/latest/specifications/core-metadata/ and recording-installed-packages.
 */
export const pythonInstalledLister: PackageLister = {
  name: 'python-installed',
  version: 1,
  fileNames: ['METADATA', 'PKG-INFO', '*.egg-info'],
  wants: ({ path }) => INSTALLED.test(path),

  async *list(file, { problem }) {
    const fields = readFields((await file.read(0, HEAD_BYTES)).toString('utf8'));
    const [name, version] = [fields.get('name'), fields.get('version')];
    if (!name) {
      problem(incompleteEntry(file, 'metadata', 'no name'));
      return;
    }
    if (!version) problem(incompleteEntry(file, name, 'no version'));
    yield languagePackage('pypi', { name, version: version ?? '' });
  },
};

/** Name and version of the header, which ends at the first blank line; the first of each counts. */
function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.trim() === '') break;
    const [, key, value] = /^(name|version):(.*)$/i.exec(line.trimEnd()) ?? [];
    if (key !== undefined && value !== undefined && !fields.has(key.toLowerCase()))
      fields.set(key.toLowerCase(), value.trim());
  }
  return fields;
}
