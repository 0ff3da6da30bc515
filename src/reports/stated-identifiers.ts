import { parsePurl } from '../documents/purl.ts';
import type { Package } from '../model/package.ts';

/** A package URL or CPE comes from the inventory as somebody wrote it; documents of others hold it only where it is what it says. */
type Stated = Pick<Package, 'purl' | 'cpes'>;

/** The package URL, where it is one and holds no sign that no URL may have. */
export function validPurl({ purl }: Stated): string | undefined {
  return purl !== undefined && /^pkg:[\w!$&'()*+,./:;=?@~%#-]+$/.test(purl) && parsePurl(purl) ? purl : undefined;
}

/** Longer than any name of a product: the pattern below, the schemas' own, takes the square of a name's length. */
const MAX_CPE_LENGTH = 2048;

const VALUE = String.raw`([\w.-]|\\[!-/:-@\[-\`{-~])+|\*|-`;
const CPE_23 = new RegExp(
  String.raw`^cpe:2\.3:[aho*-](:([*?]*(${VALUE})[*?]*)){5}:([a-z]{2,3}(-([a-z]{2}|\d{3}))?|[*-])(:([*?]*(${VALUE})[*?]*)){4}$`,
  'i',
);
const CPE_22 = /^cpe:\/[aho](:[\w.~%-]*){1,6}$/i;

/** The CPE 2.3 names among them. */
export function validCpes({ cpes = [] }: Stated): readonly string[] {
  return cpes.filter((cpe) => cpe.length <= MAX_CPE_LENGTH && CPE_23.test(cpe));
}

/** The CPE names of 2.2's URI form among them. */
export function validCpeUris({ cpes = [] }: Stated): readonly string[] {
  return cpes.filter((cpe) => CPE_22.test(cpe));
}
