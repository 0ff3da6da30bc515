import { ScannerError } from '../../model/errors.ts';
import { didYouMean } from '../../platform/nearest-word.ts';
import { terminalOf } from '../../platform/terminal.ts';
import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { ClairLayer } from '../../wire/clair-v1/types.ts';
import { CLAIR_SEVERITIES, findingsOf, type ImageFindings, printFindings, visibleFindings } from '../clair-findings.ts';
import type { Command, Invocation } from '../command.ts';
import { writeLayerFiles } from '../layer-files.ts';
import { type LayerOffer, type OfferedLayer, offerLayers } from '../offer-layers.ts';
import { listOf } from '../outputs.ts';
import { openSavedImage } from '../saved-image.ts';
import {
  endpointOf,
  JSON_OUTPUT,
  openEndpoint,
  SERVER_OPTIONS,
  TOKEN_HELP,
  wantsJson,
  wordsOf,
} from '../server-options.ts';

/** The port of Clair's own tool: firewalls may know it. */
const DEFAULT_PORT = 9279;

/** `cvescan analyze-local-images`: has an image of this machine analysed by a server with Clair's API. */
export const analyzeLocalImagesCommand: Command = {
  name: 'analyze-local-images',
  summary: 'Have an image of this machine analysed by a server, layer by layer.',
  usage: 'cvescan analyze-local-images [OPTIONS] IMAGE',
  description: [
    'IMAGE is the name of an image that docker holds, or a file that docker save wrote, or an OCI layout. Its layers are offered to',
    'the server by a web server on port 9279 for the time of the analysis; --by-path is for a server of this machine whose',
    'worker.localpaths allow the temporary directory (TMPDIR). Layers are named by their chain id, so the server reads a known one',
    'only once. Options may be written with one dash, as in the tool of Clair. Exit code 10 says that something was found.',
    '',
    TOKEN_HELP,
    '',
    'Examples:',
    '  cvescan analyze-local-images debian:12',
    '  cvescan analyze-local-images -endpoint http://clair:6060 -my-address 192.0.2.7 -minimum-severity High image.tar',
  ].join('\n'),
  singleDash: true,
  exitCodes: [10],
  options: {
    ...SERVER_OPTIONS,
    'my-address': { type: 'string', value: 'ADDRESS', help: 'this machine as the server sees it (default: 127.0.0.1)' },
    'minimum-severity': {
      type: 'string',
      value: 'SEVERITY',
      help: `show no lower one: ${CLAIR_SEVERITIES.join(', ')} (default: Negligible)`,
    },
    color: { type: 'string', value: 'WHEN', help: 'always, auto or never (default: auto)' },
    'by-path': { type: 'boolean', help: 'name files of this machine to the server, instead of a URL' },
    port: { type: 'string', value: 'PORT', help: `where layers are offered (default: ${DEFAULT_PORT}; 0: any)` },
    'server-address': {
      type: 'string',
      value: 'ADDRESS',
      multiple: true,
      help: 'from where the server fetches, where that is not the address of --endpoint',
    },
    platform: { type: 'string', value: 'OS/ARCH', help: 'which of several platforms of an image' },
    output: JSON_OUTPUT,
  },

  async run(invocation) {
    const [image] = wordsOf(invocation, ['IMAGE']);
    const { stdout, now } = invocation;
    const [minimumSeverity, color, asJson] = [severityOf(invocation), colorOf(invocation), wantsJson(invocation)];
    await using api = openEndpoint(invocation);
    const say = sayTo(invocation);
    const { platform } = invocation.options;
    using saved = await openSavedImage(image, {
      ...(typeof platform === 'string' && { platform }),
      env: invocation.env,
      signal: invocation.signal,
      onEvent: say,
    });
    const client = new ClairClient(api);
    await post(saved.layers, client, invocation);
    say("Retrieving the image's vulnerabilities");
    const names = saved.layers.map(({ name }) => name);
    const top = await topLayer(client, names);
    const packageCount = top.Features?.length ?? 0;
    const result = { image, at: now(), packageCount, minimumSeverity, findings: findingsOf(top, names) };
    if (asJson) stdout.write(`${JSON.stringify(jsonOf(result, names), null, 2)}\n`);
    else for (const piece of printFindings(result, color)) stdout.write(piece);
    return visibleFindings(result).present.length > 0 ? 10 : 0;
  },
};

const sayTo =
  ({ options, stderr }: Invocation) =>
  (message: string): void => {
    if (!options.quiet) stderr.write(`${message}\n`);
  };

/** From the lowest up: a server wants to know a layer's parent first. */
async function post(layers: readonly OfferedLayer[], client: ClairClient, invocation: Invocation): Promise<void> {
  const say = sayTo(invocation);
  await using offer = await offered(layers, invocation);
  say(`Analyzing ${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}`);
  for (const [index, { name }] of layers.entries()) {
    say(`Analyzing ${name}`);
    const parent = layers[index - 1];
    await client.postLayer({
      Name: name,
      Path: offer.urlOf(name),
      ...(parent && { ParentName: parent.name }),
      Format: 'Docker',
    });
  }
}

async function offered(layers: readonly OfferedLayer[], invocation: Invocation): Promise<LayerOffer> {
  const { options, signal, stderr } = invocation;
  if (options['by-path']) return writeLayerFiles(layers, signal);
  const { hostname } = new URL(endpointOf(invocation));
  const myAddress = options['my-address'];
  return offerLayers(layers, {
    myAddress: typeof myAddress === 'string' ? myAddress : '127.0.0.1',
    port: portOf(invocation),
    allowed: [hostname.replace(/^\[|\]$/g, ''), ...listOf(options['server-address'])],
    onRefused: (address) =>
      stderr.write(
        `cvescan: turned ${address} away, which is not the server; if it is, give --server-address ${address}\n`,
      ),
  });
}

/** An image without layers has no packages either. */
async function topLayer(client: ClairClient, names: readonly string[]): Promise<ClairLayer> {
  const top = names.at(-1);
  return top === undefined ? {} : client.getLayer(top, ['vulnerabilities', 'allLayers']);
}

function jsonOf(result: ImageFindings, layers: readonly string[]): object {
  const { image, packageCount, minimumSeverity } = result;
  const { present, removed } = visibleFindings(result);
  return { schemaVersion: '1.0', image, layers, packageCount, minimumSeverity, vulnerabilities: present, removed };
}

function severityOf({ options }: Invocation): string {
  const word = options['minimum-severity'] ?? 'Negligible';
  const severity = CLAIR_SEVERITIES.find((known) => known.toLowerCase() === String(word).toLowerCase());
  if (severity !== undefined) return severity;
  const hint = didYouMean(String(word), CLAIR_SEVERITIES);
  throw new ScannerError(
    'usage.invalid',
    `--minimum-severity ${word}: it is one of ${CLAIR_SEVERITIES.join(', ')}${hint}`,
  );
}

function colorOf({ options, stdout, env }: Invocation): boolean {
  const { color = 'auto' } = options;
  if (color === 'auto') return terminalOf(stdout, env, options['no-color'] === true).color;
  if (color === 'always' || color === 'never') return color === 'always';
  throw new ScannerError('usage.invalid', `--color ${color}: it is one of always, auto, never`);
}

function portOf({ options: { port } }: Invocation): number {
  if (port === undefined) return DEFAULT_PORT;
  if (typeof port === 'string' && /^\d{1,5}$/.test(port) && Number(port) < 65_536) return Number(port);
  throw new ScannerError('usage.invalid', `--port ${port}: it is a number from 0 to 65535`);
}
