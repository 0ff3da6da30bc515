import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ScannerError } from '../../model/errors.ts';
import { realTiming } from '../../platform/http.ts';
import { reasonOf } from '../../platform/system-errors.ts';
import { terminalOf } from '../../platform/terminal.ts';
import { ApiV1Client } from '../../wire/api-v1/client.ts';
import type { ScanView } from '../../wire/api-v1/schemas.ts';
import { type JobTarget, MAX_SBOM_BYTES, type ScanOptions } from '../../wire/jobs-v1/schemas.ts';
import type { Command, Invocation, OptionValues } from '../command.ts';
import { openCounts } from '../scan-text.ts';
import { countOf, openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wordsOf } from '../server-options.ts';
import { REPORT_OPTION, readReportOutputs, writeServerReports } from '../server-reports.ts';
import { SOURCE_OPTIONS } from '../source-options.ts';
import { TARGET_OPTIONS } from '../target-options.ts';

/** `cvescan scans submit`: a server's runners scan a document. */
export const scansSubmitCommand: Command = {
  name: 'scans submit',
  summary: 'Let the runners of a server scan an SBOM, or an image that they can get.',
  usage: 'cvescan scans submit [OPTIONS] FILE',
  description: [
    'FILE is an SBOM or inventory; - is standard input. With --image it is the URL or the path of an image as the runners see it.',
    'Without --wait the id of the scan is printed, and the command ends. With it, it ends with the scan: exit code 1 if that failed.',
    TOKEN_HELP,
    '',
    'Example:',
    '  cvescan scans submit --wait -o table --name gateway gateway.cdx.json',
  ].join('\n'),
  options: {
    ...SERVER_OPTIONS,
    wait: { type: 'boolean', help: 'until it is done, with its progress on standard error' },
    output: { ...REPORT_OPTION, help: `${REPORT_OPTION.help} (with --wait)` },
    name: { type: 'string', value: 'NAME', help: "the scan's name (default: that of the file)" },
    image: { type: 'boolean', help: 'FILE names an image' },
    'inventory-format': TARGET_OPTIONS['inventory-format']!,
    distro: TARGET_OPTIONS.distro!,
    detection: SOURCE_OPTIONS.detection!,
    consolidation: SOURCE_OPTIONS.consolidation!,
    'kernel-config': { type: 'string', value: 'FILE', help: 'the .config of the kernel in it' },
    priority: { type: 'string', value: 'N', help: '-100 to 100; higher first (default 0)' },
    timeout: { type: 'string', value: 'SECONDS', help: 'it fails when it is not done by then (default 3600)' },
    key: { type: 'string', value: 'KEY', help: 'submitted again with the same key within a day, it is the first one' },
  },

  async run(invocation) {
    const { options, stdout } = invocation;
    const [file] = wordsOf(invocation, ['FILE']);
    const outputs = readReportOutputs(invocation);
    if (outputs.length > 0 && !options.wait) throw new ScannerError('usage.invalid', '-o needs --wait');
    const submission = {
      name: typeof options.name === 'string' ? options.name : file === '-' ? 'standard input' : basename(file),
      target: options.image ? imageTarget(file) : await documentTarget(file, invocation),
      options: await scanOptions(options),
      priority: priorityOf(options),
      timeout_seconds: countOf(invocation, 'timeout', 3600),
    };
    await using api = openEndpoint(invocation);
    const client = new ApiV1Client(api);
    const { id } = await client.submitScan(submission, typeof options.key === 'string' ? options.key : undefined);
    if (!options.wait) {
      stdout.write(`${id}\n`);
      return 0;
    }
    const scan = await waitFor(client, id, invocation);
    if (scan.state !== 'succeeded') return 1;
    await writeServerReports(client, { id, outputs }, invocation);
    if (outputs.length === 0) stdout.write(`${id}\n`);
    return 0;
  },
};

function imageTarget(text: string): JobTarget {
  return /^https?:\/\//.test(text) ? { kind: 'image', url: text } : { kind: 'image', path: text };
}

async function documentTarget(file: string, { options, stdin }: Invocation) {
  const document = await readDocument(file, stdin);
  const format = options['inventory-format'];
  return {
    ...{ kind: 'sbom' as const, encoding: 'gzip+base64' as const },
    content: (await promisify(gzip)(document)).toString('base64'),
    sha256: createHash('sha256').update(document).digest('hex'),
    ...(typeof format === 'string' && { format }),
  };
}

/** Reads no further than the limit: a stream may have no end. */
async function readDocument(file: string, stdin: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of file === '-' ? stdin : createReadStream(file)) {
      const bytes = Buffer.from(chunk);
      chunks.push(bytes);
      size += bytes.length;
      if (size > MAX_SBOM_BYTES) {
        const message = `${file} is larger than maxSbomBytes ${MAX_SBOM_BYTES}`;
        throw new ScannerError('document.limit-exceeded', message, { maxSbomBytes: MAX_SBOM_BYTES });
      }
    }
    return Buffer.concat(chunks, size);
  } catch (cause) {
    if (cause instanceof ScannerError) throw cause;
    throw new ScannerError('document.not-found', `cannot read ${file}: ${reasonOf(cause)}`, { file }, { cause });
  }
}

async function scanOptions(options: OptionValues): Promise<ScanOptions> {
  const { detection, consolidation, distro, 'kernel-config': config } = options;
  const list = (text: string): string[] => text.split(',').flatMap((word) => word.trim() || []);
  return {
    ...(typeof detection === 'string' && { detection: list(detection) }),
    ...(typeof consolidation === 'string' && { consolidation: list(consolidation) }),
    ...(typeof distro === 'string' && { distro }),
    ...(typeof config === 'string' && { kernel: { config: await kernelConfig(config) } }),
  };
}

async function kernelConfig(file: string) {
  try {
    const text = readFileSync(file);
    const content = (await promisify(gzip)(text)).toString('base64');
    return { encoding: 'gzip+base64' as const, content, sha256: createHash('sha256').update(text).digest('hex') };
  } catch (cause) {
    throw new ScannerError('kernel.not-found', `cannot read ${file}: ${reasonOf(cause)}`, { file }, { cause });
  }
}

function priorityOf({ priority = '0' }: OptionValues): number {
  if (typeof priority === 'string' && /^-?\d{1,3}$/.test(priority) && Math.abs(Number(priority)) <= 100)
    return Number(priority);
  throw new ScannerError('usage.invalid', `--priority ${priority}: it is a number from -100 to 100`);
}

const [FIRST_PAUSE_MS, MAX_PAUSE_MS] = [200, 2000];

/** Asks until the scan has ended: a live line on a terminal, a line a change elsewhere. */
async function waitFor(
  client: ApiV1Client,
  id: string,
  { stderr, env, options, signal }: Invocation,
): Promise<ScanView> {
  const { columns } = terminalOf(stderr, env);
  let told = '';
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 1.5)) {
    const scan = await client.findScan(id);
    const line = lineOf(scan);
    if (line !== told && !options.quiet)
      stderr.write(columns === undefined ? `${line}\n` : `\r\u001b[K${line.slice(0, columns - 1)}`);
    told = line;
    if (scan.ended_at !== undefined) {
      if (columns !== undefined && !options.quiet) stderr.write('\n');
      return scan;
    }
    await realTiming.sleep(pauseMs, signal);
  }
}

function lineOf({ name, state, progress, error, ...scan }: ScanView): string {
  const detail = error
    ? `${error.code}: ${error.message}`
    : (openCounts({ name, state, ...scan }) ??
      (progress && `${progress.stage}, ${progress.done} of ${progress.total}`));
  return `${name}: ${state}${detail === undefined ? '' : `, ${detail}`}`;
}
