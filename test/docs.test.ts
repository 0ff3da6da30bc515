import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VEX_LIMITS } from '../src/assessing/vex/read-vex.ts';
import { EXIT_CODES } from '../src/cli/exit-codes.ts';
import { commandHelp } from '../src/cli/help.ts';
import { commands } from '../src/cli/registry.ts';
import { REPORT_LIMITS } from '../src/cli/report-files.ts';
import { updaters } from '../src/feeds/updaters/registry.ts';
import { DEFAULT_IMAGE_LIMITS } from '../src/images/limits.ts';
import { imageSources } from '../src/images/sources/registry.ts';
import { detectors } from '../src/inventory/detectors/registry.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../src/inventory/document-limits.ts';
import { LISTING_LIMITS } from '../src/inventory/list-file.ts';
import { JAVA_ARCHIVE_LIMITS } from '../src/inventory/listers/java-archive.ts';
import { listers } from '../src/inventory/listers/registry.ts';
import { RPM_LIMITS } from '../src/inventory/listers/rpm.ts';
import { readers } from '../src/inventory/readers/registry.ts';
import { ERRORS } from '../src/model/errors.ts';
import { reportFormats } from '../src/reports/formats/registry.ts';
import { inventoryFormats } from '../src/reports/inventory-formats/registry.ts';
import { RUNNER_SETTINGS, type RunnerSetting, variableOf } from '../src/runner/runner-settings.ts';
import { DEFAULT_CACHE_LIMITS } from '../src/scan/cache-limits.ts';
import { IGNORE_FILE_LIMITS } from '../src/scan/read-opinions.ts';
import { SETTINGS, type Setting } from '../src/server/config/settings.ts';
import { FETCH_LIMITS } from '../src/server/fetch-layer/limits.ts';
import { LISTENER_LIMITS } from '../src/server/listening/limits.ts';
import { MAX_LAYER_NAME_CHARS } from '../src/server/routes/v1/layers.ts';
import { MAX_PAGE_LIMIT } from '../src/server/routes/v1/read-query.ts';
import { schemes } from '../src/versions/registry.ts';
import { MAX_REQUEST_BYTES } from '../src/wire/clair-v1/decode.ts';

/** docs/reference is generated from the registries: `npx vitest run --project unit test/docs.test.ts -u` writes it anew. */

const root = resolve(import.meta.dirname, '..');
const reference = (name: string) => join(root, 'docs/reference', name);

describe('links', () => {
  for (const file of globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: root }).sort()) {
    test(`of ${file} lead somewhere`, () => {
      const targets = [...readFileSync(join(root, file), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(
        ([, target]) => target!,
      );
      expect(targets.filter((target) => !existsSync(resolve(root, dirname(file), target)))).toEqual([]);
    });
  }
});

describe('reference', () => {
  test('supported.md', async () => {
    await expect(supported()).toMatchFileSnapshot(reference('supported.md'));
  });
  test('report-formats.md', async () => {
    await expect(formats()).toMatchFileSnapshot(reference('report-formats.md'));
  });
  test('limits.md', async () => {
    await expect(limits()).toMatchFileSnapshot(reference('limits.md'));
  });
  test('errors.md', async () => {
    await expect(errors()).toMatchFileSnapshot(reference('errors.md'));
  });
  test('configuration.md', async () => {
    await expect(configuration()).toMatchFileSnapshot(reference('configuration.md'));
  });
  test('runner.md', async () => {
    await expect(runner()).toMatchFileSnapshot(reference('runner.md'));
  });
  test('commands.md', async () => {
    await expect(await commandReference()).toMatchFileSnapshot(reference('commands.md'));
  });
});

function supported(): string {
  return page('What is supported', [
    [
      'Feeds',
      table(
        ['name', 'what', 'by default', 'licence or terms'],
        updaters.map(({ name, aliases, title, homepage, licence, optional }) => [
          [name, ...(aliases ?? [])].map(code).join(', '),
          `[${title}](${homepage})`,
          optional ? 'no' : 'yes',
          licence,
        ]),
      ),
    ],
    [
      'Targets',
      table(
        ['name'],
        imageSources.map(({ name }) => [code(name)]),
      ),
    ],
    [
      'Namespace detectors, in the order they are asked',
      table(
        ['name', 'files'],
        detectors.map(({ name, wants }) => [code(name), wants.map(code).join(', ')]),
      ),
    ],
    [
      'Package listers',
      table(
        ['name'],
        listers.map(({ name }) => [code(name)]),
      ),
    ],
    [
      'Readers of SBOMs and inventories',
      table(
        ['name'],
        readers.map(({ name }) => [code(name)]),
      ),
    ],
    [
      'Formats of package lists',
      table(
        ['name'],
        inventoryFormats.map(({ name }) => [code(name)]),
      ),
    ],
    ['Version schemes', schemes.map(({ name }) => code(name)).join(', ')],
  ]);
}

function formats(): string {
  return page('Report formats', [
    [
      'What `-o` takes',
      table(
        ['`-o`', 'what', 'media type', 'holds'],
        reportFormats.map(({ name, title, specification, mediaType, onlyOpen, needsTemplate }) => [
          code(needsTemplate ? `${name}=FILE` : name),
          specification ? `[${title}](${specification})` : title,
          code(mediaType),
          onlyOpen ? 'what is open' : 'everything',
        ]),
      ),
    ],
    [
      'What holds of all of them',
      [
        '- The same target and the same database give the same bytes; times in them are the time of the scan, identifiers follow from the content.',
        '- Findings are sorted by risk ([how](risk.md)) where the format keeps an order.',
        '- "Open" is what is `affected` or `under_investigation` and not ignored. Formats that have no place for the rest leave it out.',
        '- Text of strangers is shown, and never obeyed by terminals, browsers, spreadsheets or workflows.',
        '- VEX formats follow [these rules](vex.md); `template` is explained [here](template.md), `json` [here](report-json.md).',
      ].join('\n'),
    ],
  ]);
}

function limits(): string {
  const rows = (values: object) =>
    table(
      ['limit', 'default'],
      Object.entries(values)
        .filter(([, value]) => typeof value === 'number')
        .map(([name, value]) => [code(name), quantity(name, Number(value))]),
    );
  return page('Limits', [
    [
      'How they are set',
      [
        'Those of images and archives, of SBOMs, and of caches: `--limit NAME=NUMBER` of the commands that read a target, the section `limits` of the configuration',
        '(`limits: {maxImageBytes: 20GiB}`), or the variable `CVESCAN_LIMITS` (`NAME=NUMBER,NAME=NUMBER`). The command line comes before the file, the file before',
        'the environment. `KiB`, `MiB` and `GiB` may stand behind a number.',
      ].join('\n'),
    ],
    ['Images and archives', rows(DEFAULT_IMAGE_LIMITS)],
    ['Listing a layer', rows(LISTING_LIMITS)],
    ['rpm databases', rows(RPM_LIMITS)],
    ['Java archives', rows(JAVA_ARCHIVE_LIMITS)],
    ['SBOMs and inventories', rows(DEFAULT_DOCUMENT_LIMITS)],
    ['Caches', rows(DEFAULT_CACHE_LIMITS)],
    ['VEX documents', rows(VEX_LIMITS)],
    ['Files of ignore rules', rows(IGNORE_FILE_LIMITS)],
    ['Reports that are read', rows(REPORT_LIMITS)],
    ['Connections to the server', rows(LISTENER_LIMITS)],
    ['Fetching a posted layer', rows(FETCH_LIMITS)],
    [
      "Requests of Clair's API",
      rows({
        maxRequestBytes: MAX_REQUEST_BYTES,
        maxLayerNameChars: MAX_LAYER_NAME_CHARS,
        maxPageLimit: MAX_PAGE_LIMIT,
      }),
    ],
  ]);
}

function errors(): string {
  return page('Errors and exit codes', [
    [
      'Exit codes',
      table(
        ['code', 'meaning'],
        Object.entries(EXIT_CODES).map(([exitCode, meaning]) => [exitCode, meaning]),
      ),
    ],
    [
      'Error codes',
      table(
        ['code', 'exit', 'HTTP', 'may succeed later'],
        Object.entries(ERRORS).map(([name, { exit, http, retryable }]) => [
          code(name),
          String(exit),
          String(http),
          retryable ? 'yes' : 'no',
        ]),
      ),
    ],
  ]);
}

function configuration(): string {
  const rows = SETTINGS.map(({ key, type, fallback, secret, help }) => [
    code(key),
    type === 'texts' ? 'list of texts' : type,
    fallback === undefined || (Array.isArray(fallback) && fallback.length === 0) ? '' : code(String(fallback)),
    `${help}${secretNote(secret)}`,
  ]);
  return page("The server's configuration", [
    [
      'Where it lies',
      [
        'The first of these counts: `--config FILE` (`$NAME` in the path is expanded), `$CVESCAN_CONFIG`, `/etc/cvescan/config.yml`,',
        '`$XDG_CONFIG_HOME/cvescan/config.yml`, `/etc/clair/config.yaml`. Without any, the defaults hold: SQLite, and listeners on loopback.',
        'A file of Clair is taken as it is. The keys `datasources`, `nvd`, `osv`, `scope`, `detection`, `consolidation`, `min_confidence`, `ignore` and `limits` of the other commands may stand in the same file.',
      ].join('\n'),
    ],
    ['Keys', table(['key', 'type', 'default', 'meaning'], rows)],
    [
      'What is wrong in it',
      'Unknown keys below `clair` are warnings, elsewhere errors; both name the nearest known key. `cvescan config check FILE` tells them.',
    ],
  ]);
}

function secretNote(secret: Setting['secret']): string {
  if (secret === 'in-url') return ' Printed without user, password and query.';
  return secret ? ' Never printed.' : '';
}

function runner(): string {
  const settings: readonly RunnerSetting[] = RUNNER_SETTINGS;
  const types = { text: 'text', duration: 'seconds, or `1h30m`', count: 'count', texts: 'list, or text with commas' };
  const rows = settings.map(({ key, type, fallback = '', secret, help }) => [
    code(key),
    code(variableOf(key)),
    types[type],
    // The default depends on the machine.
    key === 'n_workers' || fallback === '' ? '' : code(fallback),
    `${help}${secret ? ' Never printed.' : ''}`,
  ]);
  return page("A runner's settings", [
    [
      'Where they come from',
      [
        'Each is a key of the section `runner` of the configuration file, or an environment variable, or a file whose path is in the variable with `_FILE`',
        'behind its name (its final line feed is dropped). The command line comes before the file, the file before the environment. A variable and its `_FILE`',
        'at once are an error. The keys `datasources`, `nvd` and `osv` of the file hold for the runner too.',
      ].join('\n'),
    ],
    ['Keys', table(['key', 'variable', 'type', 'default', 'meaning'], rows)],
  ]);
}

async function commandReference(): Promise<string> {
  const sections = await Promise.all(
    commands.map(
      async ({ name, load }): Promise<[string, string]> => [
        `cvescan ${name}`,
        `\`\`\`text\n${commandHelp(await load()).trimEnd()}\n\`\`\``,
      ],
    ),
  );
  return page('Commands', sections);
}

function page(title: string, sections: readonly (readonly [string, string])[]): string {
  return `# ${title}\n\nGenerated by \`test/docs.test.ts\`; do not edit.\n\n${sections.map(([heading, text]) => `## ${heading}\n\n${text}\n`).join('\n')}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Bytes in the largest unit that divides them; other numbers with separators. */
function quantity(name: string, value: number): string {
  if (!name.endsWith('Bytes')) return value.toLocaleString('en');
  const power = [3, 2, 1].find((power) => value >= 1024 ** power && value % 1024 ** power === 0) ?? 0;
  return `${(value / 1024 ** power).toLocaleString('en')} ${['bytes', 'KiB', 'MiB', 'GiB'][power]}`;
}
