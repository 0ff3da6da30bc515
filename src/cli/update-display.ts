import type { Writable } from 'node:stream';
import { printable, terminalOf } from '../platform/terminal.ts';
import type { SourceOutcome, UpdateEvent } from '../scan/update.ts';
import type { Invocation } from './command.ts';

/** Shows how an update is getting on. */
export interface UpdateDisplay {
  show(event: UpdateEvent): void;
  /** After the last event. */
  end(): void;
}

/** Between two pictures of the terminal. */
const REDRAW_MS = 100;

/** A live line for each source on a terminal, plain lines elsewhere, failures alone with `--quiet`. */
export function createUpdateDisplay({
  stderr,
  env,
  options,
}: Pick<Invocation, 'stderr' | 'env' | 'options'>): UpdateDisplay {
  const { columns } = terminalOf(stderr, env);
  if (options.quiet) return lines(stderr, ({ state }) => state === 'failed', false);
  return columns === undefined ? lines(stderr, () => true, true) : liveLines(stderr, columns);
}

function lines(stderr: Writable, isWanted: (outcome: SourceOutcome) => boolean, sayWaiting: boolean): UpdateDisplay {
  return {
    show(event) {
      if (event.kind === 'done' && isWanted(event.outcome)) stderr.write(`${outcomeLine(event.outcome)}\n`);
      if (event.kind === 'waiting' && sayWaiting) stderr.write(`${waitingLine(event)}\n`);
    },
    end() {},
  };
}

/** The sources at work are drawn anew below the finished ones. */
function liveLines(stderr: Writable, columns: number): UpdateDisplay {
  const running = new Map<string, string>();
  let [drawnCount, drawnMs] = [0, 0];
  const erase = (): string => (drawnCount === 0 ? '' : `\u001b[${drawnCount}A\u001b[J`);
  const draw = (finished = ''): void => {
    const shown = [...running.values()].map((line) => `${line.slice(0, columns - 1)}\n`);
    stderr.write(`${erase()}${finished}${shown.join('')}`);
    [drawnCount, drawnMs] = [shown.length, performance.now()];
  };
  return {
    show(event) {
      if (event.kind === 'done') {
        running.delete(event.outcome.source);
        draw(`${outcomeLine(event.outcome)}\n`);
        return;
      }
      const key = event.kind === 'waiting' ? (event.source ?? '') : event.source;
      const isNew = !running.has(key);
      running.set(key, runningLine(event));
      if (isNew || performance.now() - drawnMs >= REDRAW_MS) draw();
    },
    end() {
      running.clear();
      draw();
    },
  };
}

function runningLine(event: Exclude<UpdateEvent, { kind: 'done' }>): string {
  if (event.kind === 'waiting') return waitingLine(event);
  if (event.kind === 'storing') return `${nameColumn(event.source)} storing`;
  const { progress } = event;
  if (!progress) return `${nameColumn(event.source)} asking`;
  const { byteCount, partCount, recordCount } = progress;
  return `${nameColumn(event.source)} reading ${mebibytes(byteCount)}, ${count(partCount)} parts, ${count(recordCount)} records`;
}

function waitingLine({ source, owner }: Extract<UpdateEvent, { kind: 'waiting' }>): string {
  return `${nameColumn(source ?? 'database')} waiting for ${printable(owner)}, which is updating it`;
}

function outcomeLine({ source, state, partCount = 0, recordCount = 0, error }: SourceOutcome): string {
  const name = nameColumn(source);
  const counts = `${count(partCount)} parts, ${count(recordCount)} records`;
  if (!error) return `${name} ${state}, ${counts}`;
  const message = printable(error.message);
  if (state === 'not in mirror') return `${name} ${message}`;
  return state === 'failed' ? `${name} failed: ${message}` : `${name} ${state}, ${counts}; ${message}`;
}

const nameColumn = (source: string): string => source.padEnd(9);
const count = (number: number): string => number.toLocaleString('en');
const mebibytes = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(1)} MiB`;
