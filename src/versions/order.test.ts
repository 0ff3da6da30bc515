import { describe, expect, test } from 'vitest';
import { highestVersion, sortVersions } from './order.ts';

describe('highestVersion', () => {
  test('compares in the order of the scheme', () => {
    expect(highestVersion('dpkg', ['1.9-1', '1.10-1', '1.10~rc1-1'])).toBe('1.10-1');
    expect(highestVersion('apk', ['3.0.9-r0', '3.0.10-r0'])).toBe('3.0.10-r0');
  });

  test('gives the first of several that are equal', () => {
    expect(highestVersion('dpkg', ['1.0', '0:1.0-0', '0.9'])).toBe('1.0');
  });

  test('of none there is none', () => expect(highestVersion('dpkg', [])).toBeUndefined());

  test('an unreadable one might have been the highest', () => {
    expect(() => highestVersion('dpkg', ['1.0', 'unknown version'])).toThrow(
      expect.objectContaining({ code: 'version.malformed' }),
    );
  });
});

describe('sortVersions', () => {
  test('rises, each text once, unreadable ones last', () => {
    expect(sortVersions('semver', ['1.10.0', 'next', '1.9.0', '1.10.0', '1.10.0-rc.1', 'latest'])).toEqual([
      '1.9.0',
      '1.10.0-rc.1',
      '1.10.0',
      'latest',
      'next',
    ]);
  });

  test('orders equal versions by text, whatever order they come in', () => {
    expect(sortVersions('nuget', ['1.0.0', '1.0'])).toEqual(['1.0', '1.0.0']);
    expect(sortVersions('nuget', ['1.0', '1.0.0'])).toEqual(['1.0', '1.0.0']);
  });
});
