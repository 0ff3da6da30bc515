import { describe, expect, test } from 'vitest';
import { refusalOfAddress } from './address-rules.ts';
import { isAllowedHost } from './allowed-hosts.ts';

const endpoints = [
  { port: 6060, what: 'a port of this server' },
  { address: '10.0.0.5', port: 5432, what: 'the database' },
  { address: '127.0.0.1', port: 5433, what: 'the database' },
];

describe('addresses', () => {
  test.each([
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['169.254.169.254', 'link-local'],
    ['169.254.0.1', 'link-local'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['100.100.100.200', 'cloud metadata'],
    ['::', 'unspecified'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf:ffff::1', 'link-local'],
    ['ff02::1', 'multicast'],
    ['fd00:ec2::254', 'cloud metadata'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['::ffff:a9fe:a9fe', 'link-local'],
    ['::ffff:0.0.0.0', 'unspecified'],
    ['::169.254.169.254', 'link-local'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['2002:a9fe:a9fe::1', 'link-local'],
  ])('%s is refused: %s', (address, what) => {
    expect(refusalOfAddress(address, 80, endpoints)).toContain(what);
  });

  test.each([
    ['127.0.0.1', 6060],
    ['127.9.9.9', 6060],
    ['::1', 6060],
    ['::ffff:127.0.0.1', 6060],
    ['10.0.0.5', 5432],
    ['127.0.0.2', 5433],
  ])('%s:%d is ours', (address, port) => {
    expect(refusalOfAddress(address, port, endpoints)).toMatch(/is (a port of this server|the database)$/);
  });

  test.each([
    ['127.0.0.1', 9279],
    ['::1', 9279],
    ['10.0.0.5', 443],
    ['10.0.0.6', 5432],
    ['169.253.255.255', 80],
    ['223.255.255.255', 80],
    ['fec0::1', 80],
    ['2001:db8::1', 6060],
    ['fd00:ec2::253', 80],
  ])('%s:%d is allowed', (address, port) => {
    expect(refusalOfAddress(address, port, endpoints)).toBeUndefined();
  });
});

describe('allowed hosts', () => {
  test.each([
    ['https://a.example/x', ['a.example'], true],
    ['https://A.EXAMPLE:8443/x', ['a.example'], true],
    ['https://b.a.example/x', ['a.example'], false],
    ['https://a.example/x', ['a.example:443'], true],
    ['http://a.example/x', ['a.example:443'], false],
    ['https://a.example:444/x', ['a.example:443'], false],
    ['https://a.example/layers/x', ['https://a.example/layers'], true],
    ['https://a.example/layers', ['https://a.example/layers/'], true],
    ['https://a.example/layers-of-others', ['https://a.example/layers'], false],
    ['https://a.example/layers/../x', ['https://a.example/layers'], false],
    ['http://a.example/layers/x', ['https://a.example/layers'], false],
    ['https://a.example.evil/layers/x', ['https://a.example/layers', 'a.example'], false],
    ['https://a.example@evil/layers/x', ['a.example'], false],
    ['http://[::1]:80/x', ['[::1]'], true],
    ['https://anything/', [], true],
  ])('%s with %j: %s', (url, allowHosts, isAllowed) => {
    expect(isAllowedHost(new URL(url), allowHosts)).toBe(isAllowed);
  });
});
