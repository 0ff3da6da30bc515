import type { ClairFeature, ClairLayer, ClairNamespace } from '../../src/wire/clair-v1/types.ts';

/** An answer of the recording, and of a server. */
export interface GoldenResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

/** Where we answer otherwise than Clair, on purpose. */
export interface DecidedDifference {
  /** First cells of the lines of `clair-v1.md`, section "Decisions", that decide it. */
  readonly lines: readonly string[];
  /** What is answered instead of the recorded answer. */
  readonly instead: (recorded: GoldenResponse) => GoldenResponse;
  /** What it lets in, to be deleted before the next exchange. */
  readonly letsIn?: string;
}

const REDIRECTS: DecidedDifference = {
  lines: ['redirects lose `/v1`'],
  instead: ({ status, headers, body }) => ({
    status,
    headers: { ...headers, Location: `/v1${headers.Location}` },
    body: String(body).replace('href="', 'href="/v1'),
  }),
};

/** Curl is deinstalled; `Source: othersource` stands behind the version of aftersrc. */
const DPKG = [
  'deinstalled dpkg packages count; whiteouts ignored',
  '`Source:` is ignored when it stands behind `Version:`',
] as const;

const dpkgFeatures = (features: readonly ClairFeature[] = []): readonly ClairFeature[] =>
  features
    .filter(({ Name }) => Name !== 'curl')
    .map((feature) => (feature.Name === 'aftersrc' ? { ...feature, Name: 'othersource' } : feature));

const DPKG_FEATURES: DecidedDifference = {
  lines: DPKG,
  instead: ofLayer((layer) => ({ ...layer, Features: dpkgFeatures(layer.Features) })),
};

const NAMESPACES: DecidedDifference = {
  lines: ['ACI layers are always empty', '`enterprise:8`, `amazon:2`, `ami:2018`'],
  instead: ({ body, ...rest }) => {
    const { Namespaces } = body as { readonly Namespaces: readonly ClairNamespace[] };
    const renamed = Namespaces.map((it) => (it.Name === 'enterprise:8' ? { ...it, Name: 'centos:8' } : it));
    return { ...rest, body: { Namespaces: [...renamed, { Name: 'debian:9', VersionFormat: 'dpkg' }] } };
  },
};

const FORMAT_LINE = 'FixedIn needs VersionFormat; a namespace made by the API has none';
const vulnerability = (name: string) => `/v1/namespaces/debian%3A12/vulnerabilities/${name}`;

/** All of them, by the number of the exchange. */
export const DECIDED_DIFFERENCES: Readonly<Record<number, DecidedDifference>> = {
  8: REDIRECTS,
  9: REDIRECTS,
  10: REDIRECTS,
  18: { lines: ["texts of Go's own JSON errors"], instead: withError(400, 'invalid JSON') },
  29: { lines: ['any file of the server can be named in Path'], instead: withError(400, 'could not find layer') },
  41: {
    lines: ['names over 128 characters: 500'],
    instead: withError(400, 'could not process a layer whose name is longer than 128 characters'),
  },
  // The namespace that Clair shows came with exchange 41.
  43: {
    lines: ['names over 128 characters: 500'],
    instead: (recorded) => ({ ...recorded, body: { Namespaces: null } }),
  },
  52: {
    lines: ['request Headers are echoed with their values'],
    instead: ofLayer((layer) => ({ ...layer, Headers: { ...layer.Headers, Authorization: 'REDACTED' } })),
  },
  53: DPKG_FEATURES,
  55: DPKG_FEATURES,
  // Its whiteout is that of dpkg's database.
  57: {
    lines: ['deinstalled dpkg packages count; whiteouts ignored'],
    instead: ofLayer(({ Features: _, ...layer }) => layer),
  },
  59: {
    lines: [...DPKG, 'a package keeps the namespace of the layer that brought it'],
    instead: ofLayer((layer) => ({
      ...layer,
      Features: dpkgFeatures(layer.Features).map((feature) => ({ ...feature, NamespaceName: 'debian:13' })),
    })),
  },
  71: {
    lines: ['`enterprise:8`, `amazon:2`, `ami:2018`'],
    instead: ofLayer((layer) => ({ ...layer, NamespaceName: 'centos:8' })),
  },
  77: {
    lines: ['ACI layers are always empty'],
    instead: ofLayer(({ Name = '', IndexedByVersion = 0 }) => ({
      ...{ Name, NamespaceName: 'debian:9', IndexedByVersion },
      Features: [
        ['gcc-5', '5.1.1-12ubuntu1'],
        ['makedev', '2.3.1-93ubuntu1'],
        ['pam', '1.1.8-3.1ubuntu3'],
      ].map(([feature = '', Version = '']) => ({
        ...{ Name: feature, NamespaceName: 'debian:9', VersionFormat: 'dpkg', Version, AddedBy: 'aci' },
      })),
    })),
  },
  86: NAMESPACES,
  101: {
    lines: ["POST vulnerability ignores the URL's namespace"],
    instead: echoing,
    letsIn: vulnerability('CVE-2099-0001'),
  },
  102: { lines: [FORMAT_LINE], instead: echoing, letsIn: vulnerability('CVE-2099-0001') },
  107: { lines: [FORMAT_LINE], instead: echoing, letsIn: vulnerability('CVE-2099-0099') },
  108: { lines: ['names over 128 characters: 500'], instead: echoing, letsIn: vulnerability('CVE-2099-0001') },
  116: DPKG_FEATURES,
  117: DPKG_FEATURES,
  128: NAMESPACES,
};

/** The request is taken; the test fills in what it was. */
function echoing(recorded: GoldenResponse): GoldenResponse {
  return { ...recorded, status: 201, body: undefined };
}

function withError(status: number, message: string): DecidedDifference['instead'] {
  return ({ headers }) => ({ status, headers, body: { Error: { Message: message } } });
}

function ofLayer(change: (layer: ClairLayer) => ClairLayer): DecidedDifference['instead'] {
  return ({ body, ...rest }) => ({ ...rest, body: { Layer: change((body as { Layer: ClairLayer }).Layer) } });
}
