// Plugins for Acme Linux, which nobody has: what its images say, what they have installed, what Acme says of flaws in it.
// docs/how-to/write-your-own-plugin.md explains them.

const FEED = 'https://feeds.acme.example/advisories.json';

// biome-ignore lint/style/noDefaultExport: the server asks for it.
export default ({ ScannerError }) => ({
  detectors: [
    {
      name: 'acme-release',
      version: 1,
      wants: ['etc/acme-release'],
      detect({ text }) {
        const [, release] = /^Acme Linux (\d+)\n/.exec(text('etc/acme-release') ?? '') ?? [];
        return release && { namespace: `acme:${release}` };
      },
    },
  ],

  listers: [
    {
      name: 'acme',
      version: 1,
      fileNames: ['acme-packages'],
      wants: ({ path }) => path === 'var/lib/acme-packages',
      async *list(file, { problem }) {
        for (const line of (await file.text()).split('\n')) {
          const [name, version, ...rest] = line.split(' ');
          if (line === '') continue;
          if (name && version && rest.length === 0) yield { name, version, versionScheme: 'dpkg', type: 'acme' };
          else problem({ code: 'lister.incomplete-entry', message: `${file.path}: no package: ${line.slice(0, 60)}` });
        }
      },
    },
  ],

  updaters: [
    {
      name: 'acme',
      title: 'Acme security advisories',
      homepage: 'https://feeds.acme.example/',
      licence: 'invented',
      version: 1,
      covers: (namespace) => (namespace.startsWith('acme:') ? {} : undefined),
      async *fetch({ http, previous }) {
        const name = 'advisories.json';
        const answer = await http.get(FEED, { ifRevision: previous.revisionOf(name), maxBytes: 64 << 20 });
        if (!answer) yield { kind: 'unchanged', name };
        else yield { kind: 'document', document: { name, revision: answer.revision, body: answer.body } };
      },
      async *parse({ name, body }) {
        for (const { id, release, package: packageName, fixed } of readAdvisories(await body.text())) {
          const about = { vulnerabilityId: id, advisoryId: id, namespace: `acme:${release}`, packageName };
          const range = { affected: [{ introduced: '0', fixed }], fixState: 'fixed' };
          const record = { kind: 'advisory', ...about, packageKind: 'binary', status: 'affected', ...range };
          yield { part: `${id} ${release} ${packageName}`, revision: fixed, records: [record] };
        }

        function readAdvisories(text) {
          try {
            return JSON.parse(text).advisories.map((it) => ({ ...it }));
          } catch (cause) {
            throw new ScannerError('feed.malformed', `${name} holds no advisories`, { document: name }, { cause });
          }
        }
      },
    },
  ],

  // What `cvescan plugin test` holds each of them against.
  fixtures: {
    detectors: { 'acme-release': { texts: { 'etc/acme-release': 'Acme Linux 3\n' }, namespace: 'acme:3' } },
    listers: {
      acme: {
        files: { 'var/lib/acme-packages': 'anvil 1.0-1\nrocket 2.4\n' },
        expected: [
          { name: 'anvil', version: '1.0-1', versionScheme: 'dpkg', type: 'acme' },
          { name: 'rocket', version: '2.4', versionScheme: 'dpkg', type: 'acme' },
        ],
      },
    },
    updaters: { acme: 'feed' },
  },
});
