import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScannerError } from '../../model/errors.ts';
import { decodeClair, MAX_NESTING_DEPTH, MAX_REQUEST_BYTES } from './decode.ts';
import { encodeClair } from './encode.ts';

const layerOf = (body: string) => decodeClair('Layer', Buffer.from(body));

describe('encoding', () => {
  test.each([
    [
      'keys in their order',
      { Layer: { IndexedByVersion: 3, Name: 'a' } },
      '{"Layer":{"Name":"a","IndexedByVersion":3}}',
    ],
    ['nothing empty', { Layer: { Name: 'a', Path: '', Headers: {}, Features: [] } }, '{"Layer":{"Name":"a"}}'],
    ['empty lists of an envelope are null', { Vulnerabilities: [] }, '{"Vulnerabilities":null}'],
    ['what stands beside the list', { Vulnerabilities: [], NextPage: 'x' }, '{"Vulnerabilities":null,"NextPage":"x"}'],
    ['no page', { Vulnerabilities: [], NextPage: '' }, '{"Vulnerabilities":null}'],
    [
      'escapes as Go',
      { Error: { Message: '<b> & "q" \u2028\u2029\b\f\n \\b é' } },
      '{"Error":{"Message":"\\u003cb\\u003e \\u0026 \\"q\\" \\u2028\\u2029\\u0008\\u000c\\n \\\\b é"}}',
    ],
    [
      'sorted maps, also below and with names like numbers',
      { Vulnerability: { Metadata: { b: { z: 1, a: [] }, a: 1.5e300, 9: null, 10: true } } },
      '{"Vulnerability":{"Metadata":{"10":true,"9":null,"a":1.5e+300,"b":{"a":[],"z":1}}}}',
    ],
    [
      'numbers as float64',
      { Vulnerability: { Metadata: { a: 2 ** 70, b: 1e21, c: 1e-7 } } },
      '{"Vulnerability":{"Metadata":{"a":1.1805916207174113e+21,"b":1e+21,"c":1e-7}}}',
    ],
    [
      'an index of 0 and a name of nothing',
      { Notification: { New: { OrderedLayersIntroducingVulnerability: [{ LayerName: '', Index: 0 }] } } },
      '{"Notification":{"New":{"OrderedLayersIntroducingVulnerability":[{"Index":0,"LayerName":""}]}}}',
    ],
  ])('%s', (_, envelope, json) => {
    expect(encodeClair(envelope)).toBe(`${json}\n`);
  });
});

describe('decoding', () => {
  test.each([
    ['', 'EOF'],
    [' \n', 'EOF'],
    ['{"Layer": {', 'unexpected EOF'],
    ['{"Layer": "a', 'unexpected EOF'],
    ['{"Layer": "a\\', 'unexpected EOF'],
    ['{"Layer"', 'unexpected EOF'],
    ['{"Layer":tr', 'unexpected EOF'],
    ['not json', 'invalid JSON'],
    ['}', 'invalid JSON'],
    ['{"Layer":nul}', 'invalid JSON'],
    ['[]', 'json: cannot unmarshal array into Go value of type v1.LayerEnvelope'],
    ['3', 'json: cannot unmarshal number into Go value of type v1.LayerEnvelope'],
    ['{"Layer":[]}', 'json: cannot unmarshal array into Go struct field LayerEnvelope.Layer of type v1.Layer'],
    ['{"Layer":{"Name":1}}', 'json: cannot unmarshal number into Go struct field Layer.Layer.Name of type string'],
    ['{"Layer":{"Name":"\\u0000"}}', 'a text holds U+0000 or a lone surrogate'],
    ['{"Layer":{"Headers":{"\\ud800":"a"}}}', 'a text holds U+0000 or a lone surrogate'],
  ])('%j is refused: %s', (body, message) => {
    expect(() => layerOf(body)).toThrow(new ScannerError('request.malformed', message));
  });

  test('metadata is a map', () => {
    expect(() => decodeClair('Vulnerability', Buffer.from('{"Vulnerability":{"Metadata":[1]}}'))).toThrow(
      'json: cannot unmarshal array into Go struct field Vulnerability.Vulnerability.Metadata of type map[string]interface {}',
    );
  });

  test.each([
    ['keys in any case, unknown ones, bytes behind', '{"lAYER":{"nAME":"a","x":[]}} trailing', { Name: 'a' }],
    ['null is as if it were not there', '{"Layer":{"Name":null,"Headers":{"A":"b"}}}', { Headers: { A: 'b' } }],
    ['names of prototypes', '{"Layer":{"__proto__":{"Name":"x"},"Name":"a"}}', { Name: 'a' }],
    ['nothing', '{}', undefined],
    ['null', 'null', undefined],
  ])('%s', (_, body, layer) => {
    expect(layerOf(body)).toEqual(layer);
  });

  test('a body at the limit is read, one above is cut', () => {
    const around = '{"Layer":{"Name":""}}'.length;
    const body = (length: number) => JSON.stringify({ Layer: { Name: 'a'.repeat(length - around) } });
    expect(layerOf(body(MAX_REQUEST_BYTES))?.Name).toHaveLength(MAX_REQUEST_BYTES - around);
    expect(() => layerOf(body(MAX_REQUEST_BYTES + 1))).toThrow('unexpected EOF');
  });

  test('nesting at the limit is read, one above is refused', () => {
    const body = (depth: number) => `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(layerOf(body(MAX_NESTING_DEPTH))).toBeUndefined();
    expect(() => layerOf(body(MAX_NESTING_DEPTH + 1))).toThrow('exceeded max depth');
  });

  test('any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.json(), (bytes, json) => {
        for (const body of [Buffer.from(bytes), Buffer.from(`{"Layer":${json}}`), Buffer.from(json).subarray(0, 9)]) {
          try {
            decodeClair('Layer', body);
          } catch (error) {
            expect(error).toBeInstanceOf(ScannerError);
          }
        }
      }),
    );
  });

  test('what was written is read again', () => {
    const feature = { Name: 'a', Version: '1' };
    const vulnerability = { Name: 'CVE-1', Severity: 'High', Metadata: { NVD: { Score: 7.5 } }, FixedIn: [feature] };
    const written = Buffer.from(encodeClair({ Vulnerability: vulnerability }));
    expect(decodeClair('Vulnerability', written)).toEqual(vulnerability);
    expect(decodeClair('Feature', Buffer.from(encodeClair({ Feature: feature })))).toEqual(feature);
  });
});
