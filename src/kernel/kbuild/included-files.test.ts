import { expect, test } from 'vitest';
import { treeOf } from '../fixtures/tree-of.ts';
import { includedFiles } from './included-files.ts';

const ARM = { srcArch: 'arm', symbols: { DEBUG_INCLUDE: 'debug/uart.S' }, isComplete: true };

/** The first file is compiled. */
const cases: readonly (readonly [files: Readonly<Record<string, string>>, found: readonly string[], shows: string])[] =
  [
    [{ 'a/x.c': '#include "y.c"', 'a/y.c': '', 'b/y.c': '' }, ['a/x.c', 'a/y.c'], 'a source beside it'],
    [{ 'a/x.c': '#  include  <linux/y.h>', 'include/linux/y.h': '' }, ['a/x.c', 'include/linux/y.h'], 'a header'],
    [
      { 'a/x.c': '#include "../b/y.c"', 'b/y.c': '#include "z.h"', 'b/z.h': '' },
      ['a/x.c', 'b/y.c', 'b/z.h'],
      'what an included file includes, from where that lies',
    ],
    [
      { 'a/x.c': '#include <asm/io.h>', 'arch/arm/include/asm/io.h': '', 'arch/x86/include/asm/io.h': '' },
      ['a/x.c', 'arch/arm/include/asm/io.h'],
      'headers of this architecture only',
    ],
    [
      { 'a/x.c': '#include <asm/io.h>', 'include/asm-generic/io.h': '' },
      ['a/x.c', 'include/asm-generic/io.h'],
      'the generic header that a generated one stands for',
    ],
    [
      { 'a/x.c': '#include "dc/y.h"', 'b/dc/y.h': '', 'c/dc/y.h': '', 'tools/dc/y.h': '' },
      ['a/x.c', 'b/dc/y.h', 'c/dc/y.h'],
      'every file of that name where a flag of the compiler tells which',
    ],
    [
      { 'a/x.c': '#include "y.h"\n#include WHICH', 'a/y.h': '#define WHICH "z.c"', 'a/z.c': '' },
      ['a/x.c', 'a/y.h', 'a/z.c'],
      'what a macro stands for',
    ],
    [
      { 'a/x.c': '#define WHICH <linux/z.h>\n#include WHICH', 'include/linux/z.h': '' },
      ['a/x.c', 'include/linux/z.h'],
      'what a macro stands for, in brackets',
    ],
    [
      { 'a/x.S': '#include CONFIG_DEBUG_INCLUDE', 'arch/arm/include/debug/uart.S': '' },
      ['a/x.S', 'arch/arm/include/debug/uart.S'],
      'what a symbol stands for',
    ],
    [{ 'a/x.S': '.include "a/y.S"', 'a/y.S': '' }, ['a/x.S', 'a/y.S'], "the assembler's own word"],
    [
      { 'a/lib.rs': 'pub mod x;\nmod y;', 'a/x.rs': 'mod z;', 'a/y/mod.rs': '', 'a/x/z.rs': '' },
      ['a/lib.rs', 'a/x.rs', 'a/x/z.rs', 'a/y/mod.rs'],
      'modules of a crate',
    ],
    [{ 'a/x.c': '// include "y.c"\n#define X "y.c"', 'a/y.c': '' }, ['a/x.c'], 'prose includes nothing'],
  ];

for (const [files, found, shows] of cases) {
  test(`finds ${shows}`, async () => {
    const { sources, headers, isComplete } = await includedFiles(treeOf(files), Object.keys(files).slice(0, 1), ARM);
    expect([...sources, ...headers].sort()).toEqual(found);
    expect(isComplete).toBe(true);
  });
}

test('is incomplete where a content is not at hand', async () => {
  const tree = treeOf({ 'a/x.c': '#include "y.h"' }, ['a/y.h']);
  expect(await includedFiles(tree, ['a/x.c'], ARM)).toEqual({
    sources: ['a/x.c'],
    headers: ['a/y.h'],
    isComplete: false,
  });
});
