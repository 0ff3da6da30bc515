// Writes a bare repository of COUNT commits that looks like a stable tree: every third commit brings one of mainline.
// usage: node bench/make-history.mjs DIRECTORY COUNT      prints the head; run again with more it goes on from there
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

const [directory, wanted] = [process.argv[2], Number(process.argv[3])];
const git = (...words) => spawnSync('git', ['--git-dir', directory, ...words], { encoding: 'utf8' }).stdout.trim();
if (!existsSync(directory)) spawnSync('git', ['init', '--quiet', '--bare', '--initial-branch=master', directory]);
const held = Number(git('rev-list', '--count', 'master') || 0);
const child = spawn('git', ['--git-dir', directory, 'fast-import', '--quiet', '--force'], {
  stdio: ['pipe', 'inherit', 'inherit'],
});
const write = async (text) => {
  if (!child.stdin.write(text)) await once(child.stdin, 'drain');
};
const data = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`;
const hex = (number) => number.toString(16).padStart(40, 'a');
const BASE = {
  Makefile: 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 176\n',
  'init/main.c': 'int main;\n',
};
for (let number = held; number < wanted; number++) {
  const upstream = number % 3 === 0 ? `\n\ncommit ${hex(number)} upstream.` : '';
  const message = `subsystem ${number % 977}: change number ${number}${upstream}\n\nSigned-off-by: A <a@localhost>\n`;
  const time = 1_600_000_000 + number * 60;
  const from = number === held && held > 0 ? 'from refs/heads/master^0\n' : '';
  const files = number === 0 ? Object.entries(BASE) : [[`drivers/d${number % 16}/f${number % 61}.c`, `${number}\n`]];
  const changes = files.map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`).join('');
  await write(`commit refs/heads/master\ncommitter A <a@localhost> ${time} +0000\n${data(message)}${from}${changes}`);
}
child.stdin.end('done\n');
await once(child, 'close');
console.log(git('rev-parse', 'master'));
