/**
 * A second, plain reading of how dpkg and apk order versions, written from their manuals, to check the program's own against.
 * Correct for the versions that the feeds and images of the tests hold; slow.
 */

/** deb-version(7): below 0, 0 or above 0; undefined where one is no version. */
export function orderDpkg(a: string, b: string): number | undefined {
  const [x, y] = [splitDpkg(a), splitDpkg(b)];
  if (!x || !y) return undefined;
  return x.epoch - y.epoch || orderDpkgPart(x.upstream, y.upstream) || orderDpkgPart(x.revision, y.revision);
}

function splitDpkg(version: string) {
  const [, epoch = '0', upstream, revision = '0'] = /^(?:(\d+):)?(\d[\w.+~:-]*?)(?:-([\w.+~]+))?$/.exec(version) ?? [];
  return upstream === undefined ? undefined : { epoch: Number(epoch), upstream, revision };
}

/** Alternates between a run of other signs and a run of digits until one differs. */
function orderDpkgPart(a: string, b: string): number {
  let [restA, restB] = [a, b];
  while (restA !== '' || restB !== '') {
    const [textA, textB] = [/^\D*/.exec(restA)![0], /^\D*/.exec(restB)![0]];
    for (let i = 0; i < Math.max(textA.length, textB.length); i++) {
      const order = weight(textA[i]) - weight(textB[i]);
      if (order !== 0) return order;
    }
    [restA, restB] = [restA.slice(textA.length), restB.slice(textB.length)];
    const [digitsA, digitsB] = [/^\d*/.exec(restA)![0], /^\d*/.exec(restB)![0]];
    const order = BigInt(digitsA || 0) - BigInt(digitsB || 0);
    if (order !== 0n) return order < 0n ? -1 : 1;
    [restA, restB] = [restA.slice(digitsA.length), restB.slice(digitsB.length)];
  }
  return 0;
}

/** A tilde sorts before the end, letters before other signs. */
function weight(sign: string | undefined): number {
  if (sign === '~') return -1;
  if (sign === undefined) return 0;
  return /[A-Za-z]/.test(sign) ? sign.charCodeAt(0) : sign.charCodeAt(0) + 256;
}

const APK = /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:-r(\d+))?$/;
const APK_SUFFIXES = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p'];

/** apk-package(5): below 0, 0 or above 0; undefined where one is no version. */
export function orderApk(a: string, b: string): number | undefined {
  const [x, y] = [keysOfApk(a), keysOfApk(b)];
  if (!x || !y) return undefined;
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    for (let j = 0; j < Math.max(x[i]!.length, y[i]!.length); j++) {
      const order = (x[i]![j] ?? MISSING[i]!) - (y[i]![j] ?? MISSING[i]!);
      if (order !== 0) return order;
    }
  }
  return 0;
}

/** What stands for a number that the other version has: fewer numbers sort first, no suffix sorts between `_rc` and `_cvs`. */
const MISSING = [-1, 0, APK_SUFFIXES.indexOf('') * 1e9, 0];

/** Numbers, letter, suffixes with theirs, revision. */
function keysOfApk(version: string): readonly (readonly number[])[] | undefined {
  const [, numbers, letter = '', suffixes = '', revision = '0'] = APK.exec(version) ?? [];
  if (numbers === undefined) return undefined;
  const suffixKeys = suffixes
    .split('_')
    .slice(1)
    .map((suffix) => {
      const [, word = '', number = '0'] = /^([a-z]+)(\d*)$/.exec(suffix) ?? [];
      return APK_SUFFIXES.indexOf(word) * 1e9 + Number(number || 0);
    });
  return [numbers.split('.').map(Number), [letter === '' ? 0 : letter.charCodeAt(0)], suffixKeys, [Number(revision)]];
}
