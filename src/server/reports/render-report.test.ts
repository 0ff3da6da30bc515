import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sampleReport } from '../../../test/sample-report.ts';
import { jsonFormat } from '../../reports/formats/json.ts';
import { reportFormats } from '../../reports/formats/registry.ts';
import { readReport } from '../../reports/read-report.ts';
import { createRenderReport } from './render-report.ts';

const context = { color: false, columns: undefined, now: new Date('2026-08-01T00:00:00Z') };
const stored = gzipSync([...(jsonFormat.render(sampleReport(), context) as Iterable<string>)].join(''));

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function render(bytes: Uint8Array, format: string, renderReport = createRenderReport()) {
  const { mediaType, body } = await renderReport({ gzip: bytesOf(bytes), madeAt: context.now }, format);
  return { mediaType, text: await new Response(body).text() };
}

describe('a stored report', () => {
  for (const format of reportFormats.filter(({ needsTemplate }) => !needsTemplate)) {
    test(`is read back as ${format.name}, as it was when it was made`, async () => {
      const { mediaType, text } = await render(stored, format.name);
      expect(mediaType).toBe(format.mediaType);
      const pieces: string[] = [];
      for await (const piece of format.render(await readReport(gunzipSync(stored).toString(), 'stored'), context))
        pieces.push(piece);
      expect(text).toBe(pieces.join(''));
    }, 20_000);
  }

  const bad = [
    ['no gzip', Buffer.from('{}'), 'report.malformed'],
    ['no JSON', gzipSync('<xml/>'), 'report.malformed'],
    ['JSON that is no report', gzipSync('{"schemaVersion":"1.0","findings":7}'), 'report.malformed'],
    ['nothing', Buffer.alloc(0), 'report.malformed'],
  ] as const;
  for (const [shows, bytes, code] of bad) {
    test(`that is ${shows} is an error: ${code}`, async () => {
      await expect(render(bytes, 'sarif')).rejects.toMatchObject({ code });
    });
  }

  for (const format of ['excel', 'template', '']) {
    test(`is not rendered as "${format}"`, async () => {
      await expect(render(stored, format)).rejects.toMatchObject({ code: 'report.unknown-format' });
    });
  }

  test('that takes too long is given up', async () => {
    const renderReport = createRenderReport({ timeoutMs: 50 });
    await expect(render(stored, 'sarif', renderReport)).rejects.toMatchObject({ code: 'report.malformed' });
  });

  test('waits for its turn, and is refused where too many wait', async () => {
    const renderReport = createRenderReport({ maxProcesses: 1, maxWaiting: 1 });
    const first = render(stored, 'csv', renderReport);
    const second = render(stored, 'csv', renderReport);
    await expect(render(stored, 'csv', renderReport)).rejects.toMatchObject({ code: 'server.busy' });
    expect((await first).text).toBe((await second).text);
    expect((await render(stored, 'csv', renderReport)).text).toContain('CVE-2024-5535');
  });
});
