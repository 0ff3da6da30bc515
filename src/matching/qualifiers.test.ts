import { describe, expect, test } from 'vitest';
import type { AdvisoryQualifiers } from '../model/advisory.ts';
import { speaksOf } from './qualifiers.ts';

interface Case {
  readonly installed: { readonly version?: string; readonly arch?: string; readonly module?: string };
  readonly qualifiers?: AdvisoryQualifiers;
  readonly fixed?: string;
  readonly repositoryCpes?: readonly string[];
  readonly speaks: boolean;
}

const MODULAR = '1:14.17.5-1.module+el8.4.0+12247+e2879e58';
const NODEJS_14 = 'nodejs:14:8040020210817133458:522a0ee4';
const APPSTREAM = ['cpe:/a:redhat:enterprise_linux:9::appstream'];

const cases: Readonly<Record<string, Case>> = {
  'nothing restricts': { installed: {}, speaks: true },
  'its architecture': { installed: { arch: 'x86_64' }, qualifiers: { arches: ['x86_64'] }, speaks: true },
  'another architecture': { installed: { arch: 's390x' }, qualifiers: { arches: ['x86_64'] }, speaks: false },
  'a 32-bit package of a 64-bit repository': {
    installed: { arch: 'i686' },
    qualifiers: { arches: ['x86_64'] },
    speaks: true,
  },
  'a package for all architectures': {
    installed: { arch: 'noarch' },
    qualifiers: { arches: ['aarch64'] },
    speaks: true,
  },
  'its module stream': {
    installed: { version: MODULAR, module: NODEJS_14 },
    qualifiers: { module: 'nodejs:14' },
    speaks: true,
  },
  'another stream': {
    installed: { version: MODULAR, module: NODEJS_14 },
    qualifiers: { module: 'nodejs:12' },
    speaks: false,
  },
  'a stream, and no modular package': {
    installed: { version: '1:16.1-1.el9' },
    qualifiers: { module: 'nodejs:14' },
    speaks: false,
  },
  'a stream, and a modular build without a label': {
    installed: { version: MODULAR },
    qualifiers: { module: 'nodejs:14' },
    speaks: true,
  },
  'no stream, and a modular package': {
    installed: { version: MODULAR, module: NODEJS_14 },
    fixed: '1:16.20.2-1.el9',
    speaks: false,
  },
  'a stream that only its fixed version shows': {
    installed: { version: MODULAR, module: NODEJS_14 },
    fixed: '1:14.18.2-2.module_el8.5.0+2618+8d46dafd',
    speaks: true,
  },
  'a stream that only its fixed version shows, and no modular package': {
    installed: { version: '1.0-1.el8' },
    fixed: '1.0-2.module_el8.5.0+2618+8d46dafd',
    speaks: false,
  },
  'a ksplice build, and a plain package': {
    installed: { version: '2.28-151.0.1.el8' },
    fixed: '2:2.28-164.0.5.ksplice1.el8_5.3',
    speaks: false,
  },
  'a ksplice build, and one installed': {
    installed: { version: '2:2.28-151.0.1.ksplice2.el8' },
    fixed: '2:2.28-164.0.5.ksplice2.el8_5.3',
    speaks: true,
  },
  'a certified build, and a plain package': {
    installed: { version: '1:1.1.1k-5.el8_5' },
    fixed: '10:1.1.1k-6.el8_5_fips',
    speaks: false,
  },
  'the release of the repository': {
    installed: {},
    qualifiers: { repositoryCpes: ['cpe:/o:redhat:enterprise_linux:9'] },
    repositoryCpes: APPSTREAM,
    speaks: true,
  },
  'another repository': {
    installed: {},
    qualifiers: { repositoryCpes: ['cpe:/a:redhat:enterprise_linux:9::crb'] },
    repositoryCpes: APPSTREAM,
    speaks: false,
  },
  'another product': {
    installed: {},
    qualifiers: { repositoryCpes: ['cpe:/a:redhat:rhel_eus:9.0::appstream'] },
    repositoryCpes: APPSTREAM,
    speaks: false,
  },
  'a repository, and an image that states none': {
    installed: {},
    qualifiers: { repositoryCpes: ['cpe:/a:redhat:rhel_eus:9.0::appstream'] },
    speaks: true,
  },
};

describe('speaksOf', () => {
  for (const [shows, { installed, qualifiers, fixed, repositoryCpes, speaks }] of Object.entries(cases)) {
    test(`${shows}: ${speaks ? 'speaks of it' : 'does not'}`, () => {
      const advisory = { affected: [{ introduced: '0', ...(fixed && { fixed }) }], ...(qualifiers && { qualifiers }) };
      expect(speaksOf(advisory, { version: '1.0-1.el8', versionScheme: 'rpm', ...installed }, repositoryCpes)).toBe(
        speaks,
      );
    });
  }
});
