import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import packageJson from '../../../package.json' with { type: 'json' };
import { basicCredentialsOf } from '../../platform/basic-credentials.ts';
import type { ConnectionWay, JsonMessage, MailMessage, Outside } from './notifier.ts';

/** Of what a failed program wrote, this much is logged. */
const MAX_STDERR_SIGNS = 500;
const USER_AGENT = `cvescan/${packageJson.version}`;

type Dispatcher = InstanceType<typeof import('../../platform/undici.ts')['Agent']>;

/** The world as notifiers are handed it. */
export class NotifierOutside implements Outside {
  readonly nowMs: () => number;
  readonly #dispatchers = new Map<ConnectionWay | undefined, Dispatcher>();

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  async post({ url, body, headers, via }: JsonMessage, signal: AbortSignal): Promise<{ readonly status: number }> {
    const { fetch } = await import('../../platform/undici.ts');
    const dispatcher = await this.#dispatcherOf(via);
    const target = new URL(url);
    const authorization = basicCredentialsOf(target);
    target.username = target.password = '';
    try {
      const answer = await fetch(target, {
        ...{ method: 'POST', body, signal, dispatcher },
        headers: {
          ...{ 'content-type': 'application/json', 'user-agent': USER_AGENT },
          ...(authorization && { authorization }),
          ...headers,
        },
      });
      await answer.body?.cancel();
      return { status: answer.status };
    } catch (cause) {
      // The next connection reads the certificates again.
      await this.#drop(via);
      throw new Error(reasonOf(cause), { cause });
    }
  }

  async #dispatcherOf(via: ConnectionWay | undefined): Promise<Dispatcher> {
    const { Agent, ProxyAgent } = await import('../../platform/undici.ts');
    const known = this.#dispatchers.get(via);
    if (known) return known;
    const { serverName, caFile, tls, proxy } = via ?? {};
    const connect = {
      ...(serverName !== undefined && { servername: serverName }),
      ...(caFile !== undefined && { ca: readFileSync(caFile) }),
      ...(tls && { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }),
    };
    const made = proxy === undefined ? new Agent({ connect }) : new ProxyAgent({ uri: proxy, requestTls: connect });
    this.#dispatchers.set(via, made as Dispatcher);
    return made as Dispatcher;
  }

  async #drop(via: ConnectionWay | undefined): Promise<void> {
    const dispatcher = this.#dispatchers.get(via);
    this.#dispatchers.delete(via);
    await dispatcher?.destroy();
  }

  async run([program = '', ...words]: readonly string[], stdin: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'pipe'], signal, killSignal: 'SIGKILL' });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = `${stderr}${text}`.slice(-MAX_STDERR_SIGNS);
    });
    child.once('error', (cause) => reject(new Error(`${program}: ${reasonOf(cause)}`, { cause })));
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${killedBy ?? code}${stderr && `: ${stderr.trim()}`}`));
    });
    // A program that ends without reading is judged by how it ends.
    child.stdin.on('error', () => {}).end(stdin);
    await promise;
  }

  async mail({ server, ...message }: MailMessage, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(server);
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error(reasonOf(signal.reason))), { once: true });
    });
    try {
      const sent = transport.sendMail({
        ...message,
        to: [...message.to],
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      await Promise.race([sent, aborted]);
    } finally {
      transport.close();
    }
  }

  /** Those that are made next read the certificates again. */
  async closeConnections(): Promise<void> {
    await Promise.all([...this.#dispatchers.keys()].map((via) => this.#drop(via)));
  }
}

/** What went wrong, without the address, which may hold a secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error.message === 'fetch failed' && cause instanceof Error) return reasonOf(cause);
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return error.message;
}
