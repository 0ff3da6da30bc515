import type { WalkOptions } from '../../images/layer-walk.ts';
import { walkLayer } from '../../images/walk-layer.ts';
import type { LayerListing, PathAlias } from '../../inventory/layer-listing.ts';
import { listWalked } from '../../inventory/list-layer.ts';
import { overlay } from '../../inventory/overlay.ts';
import { ScannerError } from '../../model/errors.ts';
import type { LayerSource } from '../../model/layer.ts';
import type { Analysed, AnalyseJob } from '../threads/jobs.ts';
import { deriveOf, lacksNamespace } from './chain-inventory.ts';
import { decodeChain, encodeListing } from './stored-listing.ts';

/** Of a file that Clair reads, as its archive states it. */
export const MAX_CLAIR_FILE_BYTES = 200 * 1024 ** 2;

/** What Clair reads; what else lies under the same beginning of a name counts too. */
const CLAIR_FILES = [
  ...['etc/os-release', 'usr/lib/os-release', 'etc/lsb-release', 'etc/apt/sources.list', 'etc/alpine-release'],
  ...['etc/oracle-release', 'etc/centos-release', 'etc/redhat-release', 'etc/system-release'],
  ...['var/lib/dpkg/status', 'lib/apk/db/installed', 'var/lib/rpm/Packages'],
];

/**
 * Lists a posted layer, once more where the symlinks of its own chain lead its databases elsewhere. The layers below it are not read
 * again: what their files are to a symlink of this layer is not known.
 *
 * @throws ScannerError `archive.…`, `image.…`; `layer.unsupported`: packages, and nothing says of which distribution.
 */
export async function analyse({ name, source, below }: AnalyseJob): Promise<Analysed> {
  const chain = decodeChain(below);
  const listings = chain.map(({ listing }) => listing);
  let listing = await read(source, []);
  const aliases = overlay([...listings, listing], 'squashed').unread.get(below.length);
  if (aliases !== undefined) listing = await read(source, aliases);
  const derived = deriveOf([...chain, { name, listing }]);
  if (lacksNamespace(derived))
    throw new ScannerError('layer.unsupported', 'packages, but no file that says of which distribution');
  return { ...derived, ...encodeListing(listing) };
}

async function read(source: LayerSource | undefined, aliases: readonly PathAlias[]): Promise<LayerListing> {
  if (source === undefined) return EMPTY;
  const walk = (options: WalkOptions) =>
    walkLayer(source, {
      ...options,
      wants: (file) => {
        if (file.sizeBytes > MAX_CLAIR_FILE_BYTES && CLAIR_FILES.some((it) => file.path.startsWith(it)))
          throw fileTooLarge(file.path, file.sizeBytes);
        return options.wants(file);
      },
    });
  return listWalked(walk, { verify: 'blobs', aliases });
}

function fileTooLarge(path: string, sizeBytes: number): ScannerError {
  const message = `${path} has ${sizeBytes} bytes, above the limit maxClairFileBytes = ${MAX_CLAIR_FILE_BYTES}`;
  const details = { limit: 'maxClairFileBytes', value: MAX_CLAIR_FILE_BYTES };
  return new ScannerError('image.limit-exceeded', message, details);
}

/** What a file of no bytes is, as for Clair. */
const EMPTY: LayerListing = {
  files: [],
  texts: [],
  walk: {
    ...{ whiteouts: [], opaqueDirectories: [], symlinks: [], nonDirectories: new Float64Array() },
    ...{ verification: 'not_verified', fileCount: 0, uncompressedBytes: 0, problems: [] },
  },
  aliases: [],
};
