import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** A host and port that only this server and its database speak to. */
export interface PrivateEndpoint {
  /** An address, or undefined for any of this machine's. */
  readonly address?: string;
  readonly port: number;
  /** For the log. */
  readonly what: string;
}

/** Never the place of a layer, whoever names it. */
const REFUSED: readonly (readonly [what: string, network: string, prefix: number])[] = [
  ['unspecified', '0.0.0.0', 8],
  ['link-local', '169.254.0.0', 16],
  ['multicast', '224.0.0.0', 4],
  ['broadcast', '255.255.255.255', 32],
  // https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
  ['cloud metadata', '100.100.100.200', 32],
  ['unspecified', '::', 128],
  ['link-local', 'fe80::', 10],
  ['multicast', 'ff00::', 8],
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
  ['cloud metadata', 'fd00:ec2::254', 128],
];

const refusedNetworks = REFUSED.map(([what, network, prefix]) => {
  const list = new BlockList();
  list.addSubnet(network, prefix, familyOf(network));
  return { what, list };
});

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Why a layer may not be fetched from an address; undefined when it may. Loopback is allowed but for our own ports: Clair's clients
 * serve layers from there.
 *
 * @param address numeric. @param endpoints what is ours.
 */
export function refusalOfAddress(
  address: string,
  port: number,
  endpoints: readonly PrivateEndpoint[],
): string | undefined {
  for (const form of formsOf(address)) {
    const network = refusedNetworks.find(({ list }) => list.check(form, familyOf(form)));
    if (network) return `${address} is a ${network.what} address`;
    const own = endpoints.find((endpoint) => endpoint.port === port && isAt(form, endpoint.address));
    if (own) return `${address}:${port} is ${own.what}`;
  }
  return undefined;
}

function isAt(address: string, endpoint: string | undefined): boolean {
  if (endpoint !== undefined && !loopback.check(endpoint, familyOf(endpoint))) return address === endpoint;
  return loopback.check(address, familyOf(address)) || ownAddresses().has(address);
}

function ownAddresses(): ReadonlySet<string> {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(interfaces.map(({ address }) => address));
}

/**
 * An address, and the IPv4 address that it leads to by another name: mapped and compatible (RFC 4291 2.5.5), NAT64 (RFC 6052), 6to4
 * (RFC 3056).
 */
function formsOf(address: string): readonly string[] {
  const plain = address.split('%', 1)[0]!;
  if (isIP(plain) !== 6) return [plain];
  const groups = groupsOf(plain);
  const [first, second, third] = groups;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0xffff || groups[5] === 0);
  const isNat64 = first === 0x64 && second === 0xff9b;
  const low = groups.slice(6);
  // `::` and `::1` have a meaning of their own.
  if ((isMapped && (low[0]! > 0 || groups[5] === 0xffff)) || isNat64) return [plain, ipv4Of(low[0]!, low[1]!)];
  return first === 0x2002 ? [plain, ipv4Of(second!, third!)] : [plain];
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // The URL parser writes every form in hexadecimal.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const read = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [read(head), read(tail ?? '')];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function ipv4Of(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
