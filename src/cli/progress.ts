import { terminalOf } from '../platform/terminal.ts';
import type { Invocation } from './command.ts';

/** Says on a terminal what is being done, in one line that goes away; nothing elsewhere, and with `--quiet`. */
export interface Progress extends Disposable {
  readonly show: (doing: string) => void;
  end(): void;
}

/** Shows progress on standard error. */
export function createProgress({ stderr, env, options }: Pick<Invocation, 'stderr' | 'env' | 'options'>): Progress {
  const { columns } = terminalOf(stderr, env);
  const isShown = columns !== undefined && !options.quiet;
  const draw = (text: string): void => {
    if (isShown) stderr.write(`\r\u001b[K${text.slice(0, columns - 1)}`);
  };
  return {
    show: (doing) => draw(`${doing} …`),
    end: () => draw(''),
    [Symbol.dispose]: () => draw(''),
  };
}
