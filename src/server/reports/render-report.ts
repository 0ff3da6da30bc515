import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, ScannerError } from '../../model/errors.ts';
import { workerEntry } from '../../platform/worker-entry.ts';
import { reportFormats } from '../../reports/formats/registry.ts';
import type { RenderReport } from '../routes/api-v1/scans.ts';

export interface RenderLimits {
  /** Processes at once. */
  readonly maxProcesses: number;
  /** Requests that wait for one. */
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  readonly memoryMiB: number;
}

const DEFAULT_LIMITS: RenderLimits = { maxProcesses: 2, maxWaiting: 32, timeoutMs: 120_000, memoryMiB: 2048 };

/**
 * Renders stored reports, each in a process of its own.
 *
 * @returns throws ScannerError `report.unknown-format`, `report.malformed` (what is stored is no report), `server.busy`.
 */
export function createRenderReport(given: Partial<RenderLimits> = {}): RenderReport {
  const limits = { ...DEFAULT_LIMITS, ...given };
  const turns = new Turns(limits);
  return async ({ gzip, madeAt }, name) => {
    const format = reportFormats.find((one) => one.name === name && !one.needsTemplate);
    if (!format) {
      const names = reportFormats.filter(({ needsTemplate }) => !needsTemplate).map((one) => one.name);
      throw new ScannerError('report.unknown-format', `format is one of ${names.join(', ')}, not ${name}`);
    }
    const free = await turns.take();
    const child = startProcess([name, madeAt.toISOString()], limits);
    void once(child, 'close').then(free, free);
    // One that ends before it has read all has said why.
    pipeline(Readable.from(gzip), child.stdin).catch(() => {});
    return { mediaType: format.mediaType, body: await firstBytes(child) };
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function startProcess(words: readonly string[], { timeoutMs, memoryMiB }: RenderLimits): Child {
  const entry = fileURLToPath(workerEntry('render-worker', import.meta.url));
  return spawn(process.execPath, [`--max-old-space-size=${memoryMiB}`, entry, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    env: {},
  });
}

/** The answer begins once there is something to be answered: until then an error is an answer too. */
async function firstBytes(child: Child): Promise<ReadableStream<Uint8Array>> {
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < 65_536) stderr += text;
  });
  const closed = once(child, 'close');
  const isReadable = once(child.stdout, 'readable').then(() => child.stdout.readableLength > 0);
  const hasBegun = await Promise.race([isReadable, closed.then(() => false)]);
  if (hasBegun) return Readable.toWeb(checked(child, closed)) as ReadableStream<Uint8Array>;
  const [code] = await closed;
  if (code === 0) return new Response('').body ?? new ReadableStream();
  throw errorOf(stderr);
}

/** A process that ends badly in the middle ends the answer badly: half a report is none. */
function checked(child: Child, closed: Promise<unknown[]>): Readable {
  return Readable.from(
    (async function* () {
      try {
        yield* child.stdout;
        const [code] = await closed;
        if (code !== 0) throw new Error(`the process that rendered a report ended with ${code}`);
      } finally {
        child.kill('SIGKILL');
      }
    })(),
  );
}

function errorOf(stderr: string): ScannerError {
  try {
    const { code, message } = JSON.parse(stderr) as { code: ErrorCode; message: string };
    return new ScannerError(code, message);
  } catch {
    return new ScannerError(
      'report.malformed',
      'the stored report cannot be rendered: it took too much memory or time',
    );
  }
}

/** So many at once; the others wait in a line. */
class Turns {
  readonly #limits: RenderLimits;
  readonly #waiting: (() => void)[] = [];
  #takenCount = 0;

  constructor(limits: RenderLimits) {
    this.#limits = limits;
  }

  /** @returns gives the turn back. @throws ScannerError `server.busy`. */
  async take(): Promise<() => void> {
    const { maxProcesses, maxWaiting } = this.#limits;
    if (this.#takenCount < maxProcesses) this.#takenCount++;
    else if (this.#waiting.length < maxWaiting) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else throw new ScannerError('server.busy', 'too many reports are being rendered');
    return () => {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#takenCount--;
    };
  }
}
