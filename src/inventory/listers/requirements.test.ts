import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { requirementsLister } from './requirements.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['pinned versions', 'a==1.0\nb===2.0\nc == 3.0 \n', ['a 1.0', 'b 2.0', 'c 3.0']],
    ['all others without one', 'a\nb>=1\nc~=1.0\nd!=1\ne==1.*\nf<2,>1\n', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['a pin among others', 'a>=1,==1.5\nb (==2.0)\n', ['a 1.5', 'b 2.0']],
    [
      'extras, markers, comments',
      'a[x,y]==1.0;python_version<"3" # no\n  b [z] == 2.0 ; x\n#c==3\n',
      ['a 1.0', 'b 2.0'],
    ],
    [
      'hashes and lines that go on',
      'a==1.0 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nb==2.0 --hash=sha256:3\n',
      ['a 1.0', 'b 2.0'],
    ],
    ['a URL’s name', 'a @ https://x.org/a-1.0.zip\nb@git+https://x.org/b@v1#egg=b\n', ['a', 'b']],
    [
      'no options, URLs and paths',
      '-r a.txt\n--index-url https://x.org\n-e .\nhttps://x.org/a.whl\ngit+https://x.org/a\n./a\n../a\n.\n/opt/a\na-1.0.tar.gz\nwheels/a-1.0-py3-none-any.whl\n',
      [],
    ],
    ['Windows line ends', 'a==1.0 # c\r\nb==2.0\r\n', ['a 1.0', 'b 2.0']],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(requirementsLister, 'requirements.txt', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    ['a line of no sense', 'a==1.0\n{{ teapot }}\nb==2.0\n', ['a 1.0', 'b 2.0'], 'lister.malformed-line line 2'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(requirementsLister, 'requirements.txt', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['requirements.txt', true],
    ['srv/requirements-dev.txt', true],
    ['srv/requirements_3.9.txt', true],
    ['srv/test-requirements.txt', true],
    ['srv/dev.requirements.txt', true],
    ['usr/lib/python3/site-packages/a/requirements.txt', false],
    ['srv/requirements/base.txt', false],
    ['srv/myrequirements.txt', false],
    ['srv/requirements.md', false],
    ['srv/requirementsx.txt', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(requirementsLister, path)).toBe(isWanted));
  }
});

describe('marks what is for development, by the name of the file', () => {
  for (const [path, isMarked] of [
    ['requirements.txt', false],
    ['requirements-dev.txt', true],
    ['test-requirements.txt', true],
    ['requirements_prod.txt', false],
    ['requirements-device.txt', false],
  ] as const) {
    test(`${path}: ${isMarked}`, async () => {
      expect((await sampleListing(requirementsLister, path, 'a==1')).packages).toEqual([isMarked ? 'a 1 dev' : 'a 1']);
    });
  }
});

test('a line of a million blanks is quick', async () => {
  const { problems } = await sampleListing(requirementsLister, 'requirements.txt', `a${' '.repeat(1_000_000)}b`);
  expect(problems).toHaveLength(1);
});
