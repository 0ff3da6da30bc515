import { decodeClair } from '../../../wire/clair-v1/decode.ts';
import type { ClairLayer } from '../../../wire/clair-v1/types.ts';
import { malformed } from './read-query.ts';
import type { V1Parts, V1Request, V1Route } from './v1-route.ts';

/** Characters of a layer's name, as many as Clair can store. */
export const MAX_LAYER_NAME_CHARS = 128;

/** Headers of a request for a layer whose values are nobody's business but the layer's server's. */
const SECRET_HEADERS = /^(authorization|cookie|proxy-authorization)$/i;

/** `POST /v1/layers`, `GET` and `DELETE /v1/layers/:layerName`. */
export function layerRoutes({ layers, openLayer }: Pick<V1Parts, 'layers' | 'openLayer'>): readonly V1Route[] {
  return [
    {
      method: 'POST',
      path: '/layers',
      name: 'v1/postLayer',
      summary: 'Fetch and analyse a layer, and store what it holds',
      takes: 'Layer',
      gives: ['Layer'],
      successStatus: 201,
      async handle({ body, signal }) {
        const layer = readLayer(await body());
        const { Name: name, Path: path, ParentName: parentName, Format: format, Headers: headers = {} } = layer;
        const posted = { name, format, ...(parentName !== undefined && { parentName }) };
        const open = (aborted: AbortSignal) => openLayer({ path, headers }, aborted);
        const { indexedByVersion } = await layers.post(posted, open, signal);
        return { status: 201, envelope: { Layer: echoOf(layer, indexedByVersion) } };
      },
    },
    {
      method: 'GET',
      path: '/layers/:layerName',
      name: 'v1/getLayer',
      summary: 'A layer, with what it holds and what is wrong with that',
      query: {
        features: { type: 'flag', help: 'with the features of this layer and of those below it' },
        vulnerabilities: { type: 'flag', help: "with the features and each one's vulnerabilities" },
        allLayers: { type: 'flag', help: 'also what an upper layer has removed, with `RemovedBy`' },
      },
      gives: ['Layer'],
      successStatus: 200,
      async handle({ params, query }) {
        const show = {
          features: query.has('features'),
          vulnerabilities: query.has('vulnerabilities'),
          allLayers: query.has('allLayers'),
        };
        return { status: 200, encoded: await layers.get(params.layerName!, show) };
      },
    },
    {
      method: 'DELETE',
      path: '/layers/:layerName',
      name: 'v1/deleteLayer',
      summary: 'Forget a layer and all that stand on it',
      successStatus: 200,
      async handle({ params }: V1Request) {
        await layers.delete(params.layerName!);
        return { status: 200 };
      },
    },
  ];
}

type PostedLayer = ClairLayer & { readonly Name: string; readonly Path: string; readonly Format: string };

/** @throws ScannerError `request.malformed`: Clair's checks, in Clair's order. */
function readLayer(body: Buffer): PostedLayer {
  const layer = decodeClair('Layer', body);
  if (!layer) throw malformed('failed to provide layer');
  const { Name = '', Path = '', Format = '' } = layer;
  if (Name === '') throw malformed('could not process a layer which does not have a name');
  if (Path === '') throw malformed('could not process a layer which does not have a path');
  if (Format === '') throw malformed('could not process a layer which does not have a format');
  if ([...Name].length > MAX_LAYER_NAME_CHARS) {
    throw malformed(`could not process a layer whose name is longer than ${MAX_LAYER_NAME_CHARS} characters`);
  }
  return { ...layer, Name, Path, Format };
}

function echoOf({ Name, Path, ParentName, Format, Headers = {} }: ClairLayer, indexedByVersion: number): ClairLayer {
  const shown = Object.entries(Headers).map(([name, value]) => [name, SECRET_HEADERS.test(name) ? 'REDACTED' : value]);
  return {
    ...(Name !== undefined && { Name }),
    ...(Path !== undefined && { Path }),
    ...(ParentName !== undefined && { ParentName }),
    ...(Format !== undefined && { Format }),
    Headers: Object.fromEntries(shown),
    IndexedByVersion: indexedByVersion,
  };
}
