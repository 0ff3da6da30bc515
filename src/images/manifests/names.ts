import { ScannerError } from '../../model/errors.ts';

/** An image of a target, as far as choosing one goes. */
export interface Named {
  /** As the target states them; several tags of one image are several names. */
  readonly names: readonly string[];
  readonly digest: string;
}

/**
 * The one image that is meant.
 * @throws ScannerError `image.not-found` that lists what there is, when none or several could be meant.
 */
export function chooseByName<Image extends Named>(
  images: readonly Image[],
  wanted: string | undefined,
  label: string,
): Image {
  const matching = wanted === undefined ? images : images.filter((image) => isCalled(image, wanted));
  const [first, ...others] = matching;
  if (first === undefined && images.length === 0) throw new ScannerError('image.not-found', `${label} holds no image`);
  if (first !== undefined && others.length === 0) return first;
  const list = images.map(({ names, digest }) => (names.length > 0 ? names.join(' = ') : digest)).join(', ');
  const count = matching.length === 0 ? 'no image' : `${matching.length} images`;
  const problem = wanted === undefined ? `holds ${count}` : `holds ${count} called ${wanted}`;
  throw new ScannerError('image.not-found', `${label} ${problem}; name one of them with --image: ${list}`, {
    wanted: wanted ?? '',
  });
}

function isCalled({ names, digest }: Named, wanted: string): boolean {
  if (digest === wanted || (/^[0-9a-f]{12,64}$/.test(wanted) && digest.startsWith(`sha256:${wanted}`))) return true;
  const full = fullName(wanted);
  return names.some((name) => name === wanted || fullName(name) === full);
}

/** `docker.io/library/alpine:latest` of `alpine`. Source: docs of Docker, "Image naming". */
function fullName(name: string): string {
  const [first = ''] = name.split('/');
  const hasHost = name.includes('/') && /[.:]|^localhost$/.test(first);
  const withHost = hasHost ? name : `docker.io/${name.includes('/') ? name : `library/${name}`}`;
  return /[:@][^/]*$/.test(withHost) ? withHost : `${withHost}:latest`;
}

/** The short form that people know. */
export function familiarName(name: string): string {
  return name.replace(/^docker\.io\/(library\/)?/, '');
}
