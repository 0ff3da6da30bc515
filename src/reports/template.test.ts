import { describe, expect, test } from 'vitest';
import { parseTemplate, renderTemplate } from './template.ts';

const scope = {
  name: 'shop <1>',
  zero: 0,
  no: false,
  none: [],
  list: [{ name: 'a' }, { name: 'b', deep: { x: '1' } }, {}],
  words: ['x', 'y'],
  formula: '=1+1',
  lines: 'one\ntwo\u001b[2J',
};

const fill = (text: string): string => [...renderTemplate(parseTemplate(text, 't.tmpl'), [scope])].join('');

describe('a template', () => {
  for (const [text, expected, shows] of [
    ['plain', 'plain', 'plain text'],
    ['{{name}}', 'shop <1>', 'a value'],
    ['{{ name | html }}', 'shop &lt;1&gt;', 'a value with an escape'],
    ['{{%html}}{{name}} {{name | text}}', 'shop &lt;1&gt; shop <1>', 'an escape from there on'],
    ['{{%html}}\n{{name}}', 'shop &lt;1&gt;', 'a line with nothing but a tag is gone'],
    ['{{#list}}[{{name}}]{{/list}}', '[a][b][shop <1>]', 'a list; an inner name hides an outer one'],
    ['{{#list}}{{deep.x}}{{/list}}', '1', 'a path'],
    ['{{#words}}{{.}},{{/words}}', 'x,y,', 'elements that are no objects'],
    ['{{^none}}empty{{/none}}{{#none}}full{{/none}}', 'empty', 'nothing'],
    ['{{#no}}a{{/no}}{{#zero}}b{{/zero}}{{^missing}}c{{/missing}}', 'bc', 'zero is something, false is not'],
    ['{{words}} {{missing}}', 'x, y ', 'a list in a line'],
    ['{{list | json}}', '[{"name":"a"},{"name":"b","deep":{"x":"1"}},{}]', 'JSON'],
    ['{{formula | csv}}', '"\'=1+1"', 'a cell'],
    ['{{name | url}}', 'shop%20%3C1%3E', 'a part of an address'],
    ['{{lines}}|{{lines | lines}}', 'one\\ntwo\\x1b[2J|one\ntwo\\x1b[2J', 'lines, when they are asked for'],
    ['a{{! a remark }}b', 'ab', 'a remark'],
    ['{{constructor.name}}{{toString}}{{__proto__}}', '', 'what is no key of the report is not there'],
    ['{ {{name}} }', '{ shop <1> }', 'single braces'],
  ] as const) {
    test(shows, () => expect(fill(text)).toBe(expected));
  }

  test('lines of sections leave no empty lines', () =>
    expect(fill('{{#list}}\n- {{name}}\n{{/list}}\nend')).toBe('- a\n- b\n- shop <1>\nend'));
});

describe('what is wrong is said with its line', () => {
  for (const [text, message] of [
    ['a\n{{#list}}', 't.tmpl, line 2: {{#list}} is not closed'],
    ['{{/list}}', 't.tmpl, line 1: {{/list}} closes nothing'],
    ['{{#a}}\n{{#b}}\n{{/a}}', 't.tmpl, line 3: {{/a}} closes {{#b}}'],
    ['\n\n{{name | shout}}', 't.tmpl, line 3: no escape is called shout'],
    ['{{% shout}}', 't.tmpl, line 1: no escape is called shout'],
    ['{{#a}}'.repeat(51), 't.tmpl, line 1: sections are at most 50 deep'],
    ['x'.repeat((1 << 20) + 1), 't.tmpl, line 1: it has more than 1048576 signs'],
  ] as const) {
    test(message, () =>
      expect(() => parseTemplate(text, 't.tmpl')).toThrow(
        expect.objectContaining({ code: 'template.malformed', message: expect.stringContaining(message) }),
      ),
    );
  }

  test('at the limits it is read', () => {
    expect(() => parseTemplate('{{#a}}'.repeat(50) + '{{/a}}'.repeat(50), 't')).not.toThrow();
    expect(() => parseTemplate('x'.repeat(1 << 20), 't')).not.toThrow();
  });
});
