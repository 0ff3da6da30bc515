import { expect, test } from 'vitest';
import { placesOf } from './places.ts';

test('without any variable the places are in the home directory', () => {
  expect(placesOf({ HOME: '/home/ada' })).toEqual({
    database: '/home/ada/.local/share/cvescan',
    cache: '/home/ada/.cache/cvescan',
    state: '/home/ada/.local/state/cvescan',
    configFiles: ['/etc/cvescan/config.yml', '/home/ada/.config/cvescan/config.yml'],
  });
});

test('the XDG variables move them, unless they are relative', () => {
  const places = placesOf({ HOME: '/home/ada', XDG_DATA_HOME: '/data', XDG_CACHE_HOME: 'relative' });
  expect(places.database).toBe('/data/cvescan');
  expect(places.cache).toBe('/home/ada/.cache/cvescan');
});
