import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'cvescan-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const xml = (body: string) => `<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6">${body}</bom>`;
const json = (fields: object) => JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', ...fields });
const component = { type: 'library', name: 'x' };

describe('sbom validate', () => {
  const cases = [
    // document                                                   what is said
    [json({ components: [component] }), 'valid'],
    [
      json({ components: [{ ...component, type: 'thing' }] }),
      'components[0].type must be one of application, framework',
    ],
    [json({ components: [{ type: 'library' }] }), "components[0] must have required property 'name'"],
    [json({ surprise: 1 }), 'the document must not have the field surprise'],
    [json({ specVersion: '9.9' }), 'specVersion must be one of 1.2'],
    [xml('<components><component type="library"><name>x</name></component></components>'), 'valid'],
    [
      xml('<components>\n<component type="thing"><name>x</name></component></components>'),
      'line 2, bom/components[1]/component[1]/@type must be one of',
    ],
    [xml('<components><component type="library"/></components>'), 'component[1] lacks an element; expected: supplier'],
    [
      xml(
        '<components><component type="library" bom-ref="a"><name>x</name></component><component type="library" bom-ref="a"><name>y</name></component></components>',
      ),
      'component/@bom-ref must be unique',
    ],
    ['<bom xmlns="http://example.org/"/>', 'line 1 must be a bom of http://cyclonedx.org/schema/bom/1.2'],
  ] as const;
  for (const [index, [document, said]] of cases.entries()) {
    test(said, async () => {
      const file = join(folder, `bom-${index}`);
      writeFileSync(file, document);
      const { code, stdout } = await runCommandLine(['sbom', 'validate', file]);
      expect(stdout.startsWith(`${file}: `)).toBe(true);
      expect(stdout).toContain(said);
      expect(code).toBe(said === 'valid' ? 0 : 3);
    });
  }

  test('standard input', async () => {
    const { code, stdout } = await runCommandLine(['sbom', 'validate', '-'], { stdin: json({}) });
    expect([code, stdout]).toEqual([0, 'standard input: valid\n']);
  });

  test('another format is not validated, and said so', async () => {
    const { code, stderr } = await runCommandLine(['sbom', 'validate', '-'], { stdin: '{"spdxVersion":"SPDX-2.3"}' });
    expect([code, stderr]).toEqual([
      3,
      'cvescan: standard input: it is no CycloneDX document; only such are validated\n',
    ]);
  });

  test('a stranger’s words do not reach the terminal as they are', async () => {
    const { stdout } = await runCommandLine(['sbom', 'validate', '-'], { stdin: json({ '\u001b[31m': 1 }) });
    expect(stdout).not.toContain('\u001b');
  });
});
