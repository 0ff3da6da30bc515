import { testTomlLockfile } from '../../../test/lockfile-table.ts';
import { uvLockLister } from './uv-lock.ts';

testTomlLockfile(uvLockLister, 'uv.lock', {
  lists: [
    ['nothing of an empty lockfile', 'version = 1\n', []],
    [
      'neither the project nor the members of its workspace',
      '[[package]]\nname = "app"\nversion = "0.1.0"\nsource = { virtual = "." }\n[[package]]\nname = "lib"\nversion = "0.1.0"\nsource = { editable = "lib" }\n',
      [],
    ],
    [
      'what comes from elsewhere',
      '[[package]]\nname = "a"\nversion = "1"\nsource = { git = "https://x.org/a?rev=1#2" }\n[[package]]\nname = "b"\nversion = "2"\nsource = { url = "https://x.org/b.whl" }\n',
      ['a 1', 'b 2'],
    ],
    ['one without a version', '[[package]]\nname = "a"\nsource = { git = "https://x.org/a" }\n', ['a']],
    [
      'what only development leads to',
      '[[package]]\nname = "app"\nsource = { editable = "." }\ndependencies = [{ name = "a" }]\n[package.optional-dependencies]\nx = [{ name = "b" }]\n[package.dev-dependencies]\ndev = [{ name = "c" }]\ntest = [{ name = "a" }]\n[[package]]\nname = "a"\nversion = "1"\n[[package]]\nname = "b"\nversion = "1"\n[[package]]\nname = "c"\nversion = "1"\ndependencies = [{ name = "d" }, { name = "a" }]\n[[package]]\nname = "d"\nversion = "1"\n',
      ['a 1', 'b 1', 'c 1 dev', 'd 1 dev'],
    ],
  ],
  problems: [],
});
