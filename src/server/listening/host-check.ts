import { isIP } from 'node:net';

/** Whether a listener's host is this machine only. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host ?? '');
}

/**
 * Whether a request's `Host` is one that a listener on loopback answers to: a web page that makes its own name resolve to 127.0.0.1
 * (DNS rebinding) sends that name.
 *
 * @param listening the host of the configuration.
 */
export function isOwnHost(header: string | undefined, listening: string | undefined): boolean {
  if (!isLoopbackHost(listening) || header === undefined) return true;
  const host = header
    .replace(/:\d*$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return isIP(host) === 0 ? host === 'localhost' || host === listening : isLoopbackHost(host);
}
