import type { V1Parts, V1Route } from './v1-route.ts';

/** `GET /v1/metrics`: Clair's metrics, in the text format of Prometheus 0.0.4. */
export function metricsRoute({ writeMetrics }: Pick<V1Parts, 'writeMetrics'>): V1Route {
  return {
    method: 'GET',
    path: '/metrics',
    name: 'v1/getMetrics',
    summary: 'Metrics under the names that Clair has for them, in the text format of Prometheus',
    successStatus: 200,
    handle: async () => ({
      status: 200,
      text: { mediaType: 'text/plain; version=0.0.4', body: await writeMetrics() },
    }),
  };
}
