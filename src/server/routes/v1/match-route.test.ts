import { describe, expect, test } from 'vitest';
import { createRouteMatcher } from './match-route.ts';
import type { V1Route } from './v1-route.ts';

const route = (method: V1Route['method'], path: string): V1Route => ({
  ...{ method, path, name: `${method} ${path}`, summary: '', successStatus: 200 },
  handle: async () => ({ status: 200 }),
});

const match = createRouteMatcher([
  route('POST', '/layers'),
  route('GET', '/layers/:layerName'),
  route('GET', '/namespaces'),
  route('GET', '/namespaces/:ns/vulnerabilities'),
]);

describe('routes', () => {
  test.each([
    ['GET', '/layers/a', 'GET /layers/:layerName', { layerName: 'a' }],
    ['GET', '/layers/A:b', 'GET /layers/:layerName', { layerName: 'A:b' }],
    ['GET', '/namespaces/debian:12/vulnerabilities', 'GET /namespaces/:ns/vulnerabilities', { ns: 'debian:12' }],
  ])('%s %s is found', (method, path, name, params) => {
    expect(match(method, path)).toMatchObject({ route: { name }, params });
  });

  test.each([
    ['GET', '/namespaces/', { redirect: '/namespaces' }],
    ['POST', '/layers/', { redirect: '/layers' }],
    ['GET', '/NameSpaces', { redirect: '/namespaces' }],
    ['GET', '//namespaces/./Debian:12/VULNERABILITIES/', { redirect: '/namespaces/Debian:12/vulnerabilities' }],
    ['GET', '/x/../namespaces', { redirect: '/namespaces' }],
    ['PUT', '/layers', 'method not allowed'],
    ['HEAD', '/namespaces', 'method not allowed'],
    ['HEAD', '/namespaces/', 'not found'],
    ['GET', '/layers', 'method not allowed'],
    ['GET', '/layers/', 'not found'],
    ['GET', '/layers/a/b', 'not found'],
    ['GET', '/', 'not found'],
    ['GET', '', 'not found'],
    ['GET', '0/namespaces', 'not found'],
  ])('%s %s is answered as httprouter answers', (method, path, answer) => {
    expect(match(method, path)).toEqual(answer);
  });
});
