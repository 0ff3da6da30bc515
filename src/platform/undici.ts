/**
 * What we use of undici, loaded with the first request (`await import('./undici.ts')`): it costs more to load than a small scan. The
 * package is CommonJS: asked for by name here, it answers the same from sources and from the bundle.
 */
export { Agent, buildConnector, EnvHttpProxyAgent, fetch, ProxyAgent, request } from 'undici';
