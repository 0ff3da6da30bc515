import packageJson from '../../package.json' with { type: 'json' };
import { ScannerError } from '../model/errors.ts';
import { createJsonApi, type JsonApi } from '../platform/json-api.ts';
import type { Invocation, OptionSpec } from './command.ts';

/** Options of the commands that speak to a server. Its token comes by the environment only: a command line is seen by others. */
export const SERVER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  endpoint: {
    type: 'string',
    value: 'URL',
    help: 'address of the server (default: $CVESCAN_ENDPOINT, else http://127.0.0.1:6060)',
  },
};

/** `-o json` of commands that else write text. */
export const JSON_OUTPUT: OptionSpec = { type: 'string', short: 'o', value: 'json', help: 'as JSON' };

/** Said in the help of each of these commands. */
export const TOKEN_HELP = 'A server that asks for a token gets that of the environment variable CVESCAN_TOKEN.';

const DEFAULT_ENDPOINT = 'http://127.0.0.1:6060';

/** The address of the server that is spoken to. */
export function endpointOf({ options, env }: Pick<Invocation, 'options' | 'env'>): string {
  const { endpoint } = options;
  return typeof endpoint === 'string' ? endpoint : env.CVESCAN_ENDPOINT || DEFAULT_ENDPOINT;
}

/** The API of that server. @throws ScannerError `usage.invalid` for what is no address. */
export function openEndpoint(invocation: Invocation): JsonApi {
  const { env, signal } = invocation;
  return createJsonApi({
    endpoint: endpointOf(invocation),
    userAgent: `cvescan/${packageJson.version}`,
    token: env.CVESCAN_TOKEN || undefined,
    env,
    signal,
  });
}

/** Whether `-o json` was given. @throws ScannerError `report.unknown-format` for another format. */
export function wantsJson({ options }: Pick<Invocation, 'options'>): boolean {
  if (options.output === undefined) return false;
  if (options.output === 'json') return true;
  throw new ScannerError('report.unknown-format', `-o ${options.output}: the only format is json`);
}

/** The words of a command line that must be given, all of them. @throws ScannerError `usage.invalid`. */
export function wordsOf<const Names extends readonly string[]>(
  { positionals }: Pick<Invocation, 'positionals'>,
  names: Names,
): { readonly [Index in keyof Names]: string } {
  if (positionals.length === names.length) return positionals as never;
  throw new ScannerError('usage.invalid', `give ${names.join(' ')}, not ${positionals.length || 'no'} words`);
}

/** A number of an option, above 0. @throws ScannerError `usage.invalid`. */
export function countOf({ options }: Pick<Invocation, 'options'>, name: string, otherwise: number): number {
  const text = options[name];
  if (text === undefined) return otherwise;
  if (typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ScannerError('usage.invalid', `--${name} ${text}: it is a number above 0`);
}
