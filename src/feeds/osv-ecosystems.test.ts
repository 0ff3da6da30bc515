import { describe, expect, test } from 'vitest';
import { osvCoverage, placeOf, planOf } from './osv-ecosystems.ts';

const places = [
  // ecosystem                                     fixed version          namespace         repository
  ['npm', undefined, 'npm', undefined],
  ['crates.io', undefined, 'cargo', undefined],
  ['AlmaLinux:8', '1:1.1.1k-6.el8_5', 'almalinux:8', undefined],
  ['Rocky Linux:9', undefined, 'rocky:9', undefined],
  ['Red Hat:enterprise_linux:9::appstream', undefined, 'rhel:9', 'cpe:/:redhat:enterprise_linux:9::appstream'],
  ['Red Hat:rhel_eus:8.1::baseos', undefined, 'rhel:8', 'cpe:/:redhat:rhel_eus:8.1::baseos'],
  ['Red Hat:openshift:4.11::el8', undefined, 'rhel:8', 'cpe:/:redhat:openshift:4.11::el8'],
  ['Red Hat:storage:3:server:el6', undefined, 'rhel:6', 'cpe:/:redhat:storage:3:server:el6'],
  ['Red Hat:rhev_manager:4', '0:4.1.1-1.el7ev', 'rhel:7', 'cpe:/:redhat:rhev_manager:4'],
  ['Red Hat:directory_server:7.1', '0:7.1SP6-1', undefined, undefined],
  ['AlmaLinux', undefined, undefined, undefined],
  ['Bitnami', undefined, undefined, undefined],
  ['constructor', undefined, undefined, undefined],
] as const;

describe('placeOf', () => {
  for (const [ecosystem, fixed, namespace, repositoryCpe] of places) {
    test(`${ecosystem} is ${namespace ?? 'nowhere'}`, () => {
      const place = placeOf(ecosystem, fixed);
      expect([place?.namespace, place?.repositoryCpe]).toEqual([namespace, repositoryCpe]);
    });
  }
});

test('ecosystems with an updater of their own are left to it, others that we do not know are told', () => {
  expect(['Maven', 'Debian', 'Ubuntu:22.04:LTS', 'Wolfi', 'Android'].map(planOf)).toEqual([
    'read',
    'elsewhere',
    'elsewhere',
    'elsewhere',
    'unknown',
  ]);
});

test('languages are covered while they live, distributions until their end; Red Hat by its own feed', () => {
  expect(osvCoverage('pypi')).toEqual({});
  expect(osvCoverage('almalinux:8')).toEqual({ until: '2029-03-01' });
  expect(osvCoverage('rocky:9')).toEqual({ until: '2032-05-31' });
  expect(['rhel:9', 'almalinux:7', 'debian:12', 'almalinux'].map(osvCoverage)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
