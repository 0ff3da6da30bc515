import { testTomlLockfile } from '../../../test/lockfile-table.ts';
import { poetryLockLister } from './poetry-lock.ts';

testTomlLockfile(poetryLockLister, 'poetry.lock', {
  lists: [
    ['nothing of an empty lockfile', 'package = []\n[metadata]\nlock-version = "2.0"\n', []],
    [
      'groups',
      '[[package]]\nname = "a"\nversion = "1"\ngroups = ["main", "dev"]\n[[package]]\nname = "b"\nversion = "1"\ngroups = ["dev", "docs"]\n[[package]]\nname = "c"\nversion = "1"\n',
      ['a 1', 'b 1 dev', 'c 1'],
    ],
    [
      'categories',
      '[[package]]\nname = "a"\nversion = "1"\ncategory = "main"\n[[package]]\nname = "b"\nversion = "1"\ncategory = "dev"\n',
      ['a 1', 'b 1 dev'],
    ],
    [
      'no names of sub-tables',
      '[[package]]\nname = "a"\nversion = "1"\n[package.dependencies]\nname = "*"\nversion = ">2"\n',
      ['a 1'],
    ],
  ],
  problems: [
    [
      'no version',
      '[metadata]\nx = 1\n[[package]]\nname = "a"\n',
      ['a'],
      'lister.incomplete-entry line 3: a has no version',
    ],
  ],
});
