import { describe, expect, test } from 'vitest';
import { type ZipFileSpec, zipOf } from '../../../test/zip.ts';
import { layerFileOf, listFile } from '../lister.contract.ts';
import {
  JAVA_ARCHIVE_LIMITS,
  type JavaArchiveLimits,
  javaArchiveLister,
  javaArchiveListerWithin,
} from './java-archive.ts';

const entry = (name: string, content: string | Buffer): ZipFileSpec => ({ name, content: Buffer.from(content) });
const stored = (name: string, content: Buffer): ZipFileSpec => ({ name, content, says: { method: 0 } });
const manifest = (...lines: readonly string[]) =>
  entry('META-INF/MANIFEST.MF', ['Manifest-Version: 1.0', ...lines, ''].join('\n'));
const pom = (group: string, artifact: string, version: string) =>
  entry(
    `META-INF/maven/${group}/${artifact}/pom.properties`,
    `#x\nversion=${version}\ngroupId=${group}\nartifactId=${artifact}\n`,
  );

async function briefly(path: string, archive: Buffer, limits?: Partial<JavaArchiveLimits>) {
  const lister = limits ? javaArchiveListerWithin({ ...JAVA_ARCHIVE_LIMITS, ...limits }) : javaArchiveLister;
  const { packages, problems } = await listFile(lister, layerFileOf(path, archive));
  return {
    packages: packages.map(({ name, version, innerPath = '' }) => `${name} ${version} ${innerPath}`.trim()),
    problems: problems.map(({ code }) => code),
  };
}

describe('an archive is', () => {
  for (const [shows, path, files, packages] of [
    ['what its pom.properties says', 'a.jar', [pom('g', 'a', '1.0')], ['g:a 1.0']],
    ['what its pom.properties says, however it is called', 'x.jar', [manifest(), pom('g', 'a', '1.0')], ['g:a 1.0']],
    ['all that was shaded into it, too', 'a-1.0.jar', [pom('g', 'a', '1.0'), pom('h', 'b', '2')], ['g:a 1.0', 'h:b 2']],
    [
      'an artifact once',
      'a.war',
      [
        pom('g', 'a', '1'),
        entry('WEB-INF/classes/META-INF/maven/g/a/pom.properties', 'groupId=g\nartifactId=a\nversion=1'),
      ],
      ['g:a 1'],
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as Maven writes it
    ['without a version that was never filled in', 'a.jar', [pom('g', 'a', '${project.version}')], ['g:a']],
    [
      'what its manifest says, with the group of its vendor',
      'commons-x-1.2.jar',
      [
        manifest(
          'Implementation-Vendor-Id: org.apache',
          'Implementation-Title: Apache Commons X',
          'Implementation-Version: 1.2',
        ),
      ],
      ['org.apache:commons-x 1.2'],
    ],
    [
      'what its manifest says, over several lines',
      'x.jar',
      [manifest('Implementation-Title: spring-', ' core', 'Implementation-Version: 5.3.17')],
      ['org.springframework:spring-core 5.3.17'],
    ],
    [
      'what its file name says, of a known group',
      'lib/tomcat-embed-core-9.0.62.jar',
      [manifest()],
      ['org.apache.tomcat.embed:tomcat-embed-core 9.0.62'],
    ],
    [
      'what its manifest says, beside what was shaded into it',
      'okhttp-4.9.0.jar',
      [manifest('Automatic-Module-Name: okhttp3'), pom('h', 'b', '2')],
      ['com.squareup.okhttp3:okhttp 4.9.0', 'h:b 2'],
    ],
  ] as const) {
    test(shows, async () => expect(await briefly(path, zipOf(files))).toEqual({ packages, problems: [] }));
  }

  test('nothing that it does not say: no group is made up', async () => {
    const guice = manifest('Bundle-SymbolicName: com.google.inject', 'Bundle-Version: 4.2.3');
    const archive = zipOf([guice, pom('cglib', 'cglib', '3.2.12')]);
    const { packages, problems } = await listFile(javaArchiveLister, layerFileOf('opt/guice.jar', archive));
    expect(packages.map(({ name }) => name)).toEqual(['cglib:cglib']);
    expect(problems).toMatchObject([
      {
        code: 'lister.unidentified-archive',
        path: 'opt/guice.jar',
        message: expect.stringContaining('com.google.inject'),
      },
    ]);
  });
});

describe('archives in archives', () => {
  const inner = zipOf([pom('g', 'inner', '1')]);
  const war = zipOf([
    pom('g', 'web', '2'),
    entry('WEB-INF/lib/inner.jar', inner),
    stored('WEB-INF/lib/inner-copy.jar', inner),
  ]);
  const ear = zipOf([pom('g', 'app', '3'), stored('web.war', war)]);
  const all = [
    'g:app 3',
    'g:web 2 web.war',
    'g:inner 1 web.war!/WEB-INF/lib/inner.jar',
    'g:inner 1 web.war!/WEB-INF/lib/inner-copy.jar',
  ];

  test('are listed with their places, stored or compressed', async () =>
    expect(await briefly('app.ear', ear)).toEqual({ packages: all, problems: [] }));

  test('are found behind a script that starts them', async () => {
    const script = Buffer.from('#!/bin/sh\nexec java -jar "$0"\n');
    expect(await briefly('app.jar', Buffer.concat([script, ear]))).toEqual({ packages: all, problems: [] });
  });

  const pomBytes = ['app', 'web', 'inner', 'inner'].reduce((sum, it) => sum + pom('g', it, '1').content.length, 0);
  for (const [limit, value] of [
    ['maxDepth', 2],
    ['maxArchives', 4],
    ['maxEntries', 3],
    // The directory of the war: three entries and their names.
    ['maxDirectoryBytes', 3 * 46 + 35 + 21 + 26],
    ['maxMemberBytes', inner.length],
    ['maxTotalBytes', pomBytes + war.length + 2 * inner.length],
  ] as const) {
    test(`keep to ${limit}`, async () => {
      expect(await briefly('app.ear', ear, { [limit]: value })).toEqual({ packages: all, problems: [] });
      const { packages, problems } = await briefly('app.ear', ear, { [limit]: value - 1 });
      expect(problems).toContain('lister.limit-exceeded');
      expect(packages.length).toBeLessThan(all.length);
    });
  }

  test('that are damaged are a problem, and the others are listed', async () => {
    const archive = zipOf([
      pom('g', 'app', '3'),
      entry('a.jar', 'no archive'),
      { ...entry('b.jar', inner), says: { crc: 1 } },
      entry('c.jar', inner),
    ]);
    expect(await briefly('app.jar', archive)).toEqual({
      packages: ['g:app 3', 'g:inner 1 c.jar'],
      problems: ['lister.damaged-archive', 'lister.damaged-archive'],
    });
  });

  test('that are encrypted are a problem', async () => {
    const archive = zipOf([pom('g', 'app', '3'), { ...entry('a.jar', inner), says: { flags: 1 } }]);
    expect(await briefly('app.jar', archive)).toEqual({ packages: ['g:app 3'], problems: ['lister.damaged-archive'] });
  });
});

test('what is no archive is a problem', async () =>
  expect(await briefly('a.jar', Buffer.from('<html>'))).toEqual({
    packages: [],
    problems: ['lister.damaged-archive'],
  }));

test('a pom.properties without an artifact is a problem', async () => {
  const archive = zipOf([entry('META-INF/maven/g/a/pom.properties', 'version=1'), pom('h', 'b', '1')]);
  expect(await briefly('b.jar', archive)).toEqual({ packages: ['h:b 1'], problems: ['lister.incomplete-entry'] });
});
