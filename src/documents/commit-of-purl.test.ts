import { expect, test } from 'vitest';
import { commitOfPurl } from './commit-of-purl.ts';

const COMMIT = '9305c0e12d43c4df999c3301a1f0c742264a657e';
const DJANGO = 'github.com/django/django';

const cases = [
  [`pkg:github/Django/django@${COMMIT}`, DJANGO],
  [`pkg:github/django/django@${COMMIT.toUpperCase()}`, DJANGO],
  [`pkg:gitlab/libtiff/libtiff@${COMMIT}`, 'gitlab.com/libtiff/libtiff'],
  [`pkg:bitbucket/a/b@${COMMIT}`, 'bitbucket.org/a/b'],
  [`pkg:generic/django@1.4?vcs_url=git%2Bhttps://github.com/django/django.git%40${COMMIT}`, DJANGO],
  [`pkg:generic/django?vcs_url=git+https://github.com/django/django@${COMMIT}%23docs`, DJANGO],
  [`pkg:pypi/django@1.4?vcs_url=git+ssh://git@github.com/django/django.git@${COMMIT}`, DJANGO],
  [`pkg:generic/django?vcs_url=git@github.com:django/django.git@${COMMIT}`, DJANGO],
  [`pkg:generic/a?vcs_url=git+https://git.example:8443/a.git@${COMMIT}`, 'git.example:8443/a'],
  // What names no commit, an abbreviated one, or a branch.
  ['pkg:github/django/django@1.4.1', undefined],
  ['pkg:github/django/django@9305c0e', undefined],
  [`pkg:github/django@${COMMIT}`, undefined],
  [`pkg:npm/a@${COMMIT}`, undefined],
  [`pkg:github/django/django@${COMMIT}0`, undefined],
  [`pkg:generic/django?vcs_url=git+https://github.com/django/django.git@main&checksum=sha1:${COMMIT}`, undefined],
  [`no purl ${COMMIT}`, undefined],
] as const;

for (const [purl, repository] of cases) {
  test(`${purl.replace(COMMIT, '…')}: ${repository ?? 'none'}`, () =>
    expect(commitOfPurl(purl)).toEqual(repository && { repository, commit: COMMIT }));
}
