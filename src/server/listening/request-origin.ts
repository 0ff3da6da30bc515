import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { ScannerError } from '../../model/errors.ts';

/**
 * Reads `trusted_proxies`.
 *
 * @param entries addresses, or ranges as CIDR: `10.0.0.0/8`. @throws ScannerError `config.invalid`.
 */
export function readProxyList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const bits = prefix === undefined ? undefined : Number(prefix);
    const isRange = bits === undefined || (/^\d{1,3}$/.test(prefix!) && bits <= (type === 'ipv6' ? 128 : 32));
    if (isIP(address) === 0 || !isRange) {
      throw new ScannerError('config.invalid', `trusted_proxies: ${entry} is no address and no range like 10.0.0.0/8`);
    }
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, bits, type);
  }
  return list;
}

/** Whether an address is one of the proxies. */
export function isTrusted(address: string | undefined, proxies: BlockList): boolean {
  if (address === undefined || proxies.rules.length === 0) return false;
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return proxies.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

/** Who really asks: the last address of `X-Forwarded-For` that is no trusted proxy's, when a trusted proxy says so. */
export function remoteOf({ socket, headers }: IncomingMessage, proxies: BlockList): string {
  let remote = socket.remoteAddress ?? '';
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((address) => address.trim());
  while (isTrusted(remote, proxies)) {
    const next = forwarded.pop();
    if (next === undefined || isIP(next) === 0) break;
    remote = next;
  }
  return remote;
}

/** Unique among processes; the counter keeps it cheap. */
const PREFIX = randomBytes(6).toString('hex');
let count = 0;

/** The id that a trusted proxy gave, else a new one. */
export function requestIdOf({ socket, headers }: IncomingMessage, proxies: BlockList): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) && isTrusted(socket.remoteAddress, proxies))
    return given;
  count++;
  return `${PREFIX}-${count.toString(36)}`;
}
