import type { ClairEnvelope } from '../../../wire/clair-v1/types.ts';
import type { Dependencies, EncodedAnswer, OpenLayerFile } from '../../dependencies.ts';
import type { PageTokens } from '../../page-tokens.ts';

/** Opens what a posted layer names. @throws ScannerError `layer.unreachable`, `server.busy`. */
export type OpenLayer = (
  source: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  signal: AbortSignal,
) => Promise<OpenLayerFile>;

/** What the routes of `/v1` stand on. */
export interface V1Parts extends Omit<Dependencies, 'log'> {
  readonly openLayer: OpenLayer;
  readonly pageTokens: PageTokens;
  /** The text of `GET /v1/metrics`. */
  readonly writeMetrics: () => Promise<string>;
}

/** A request, as far as a route looks at it. */
export interface V1Request {
  /** By name, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body, cut at `MAX_REQUEST_BYTES`. */
  readonly body: () => Promise<Buffer>;
  /** Aborted when the request has taken too long. */
  readonly signal: AbortSignal;
}

/** What a route answers: an envelope, one that is written already, other text, or nothing at all (DELETE). */
export interface V1Answer {
  readonly status: 200 | 201;
  readonly envelope?: ClairEnvelope;
  readonly encoded?: EncodedAnswer;
  readonly text?: { readonly mediaType: string; readonly body: string };
}

/** A route of Clair's API, version 1; the description is what OpenAPI says of it. */
export interface V1Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/v1`, parameters with a colon: `/layers/:layerName`. */
  readonly path: string;
  /** Its name in Clair's metrics. */
  readonly name: string;
  readonly summary: string;
  readonly query?: Readonly<Record<string, { readonly help: string; readonly type: 'flag' | 'integer' | 'string' }>>;
  /** The envelope's member that the body must hold. */
  readonly takes?: 'Layer' | 'Vulnerability' | 'Feature';
  /** Members of the envelope that is answered; none: an empty body. */
  readonly gives?: readonly string[];
  readonly successStatus: 200 | 201;
  readonly handle: (request: V1Request) => Promise<V1Answer>;
  /** Under which name a failed request is counted, where Clair counts it under a neighbour's. */
  readonly nameOfFailure?: (error: unknown) => string;
}
