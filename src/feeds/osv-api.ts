import { ScannerError } from '../model/errors.ts';
import type { DownloadOptions, HttpClient } from '../platform/http.ts';
import { asFields, asList, asText } from '../platform/json-values.ts';

/** A package in a version, as OSV's API takes it. */
export interface OsvQuestion {
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
}

/** A record that concerns a package, to be fetched by its id. */
export interface OsvMention {
  readonly id: string;
  readonly modified: string;
}

/** OSV's API: what is known of packages now. */
export interface OsvApi {
  /** The records that concern each package, in the order of the questions. @throws ScannerError what the client throws, `feed.malformed`. */
  ask(questions: readonly OsvQuestion[]): Promise<readonly (readonly OsvMention[])[]>;
  /** A record in OSV's form. @throws the same. */
  record(id: string): Promise<unknown>;
}

/** How the API is reached. */
export interface OsvApiOptions {
  readonly client: HttpClient;
  /** Default https://api.osv.dev */
  readonly url?: string;
  readonly signal: AbortSignal;
}

/** As many questions as one batch may hold. */
export const MAX_BATCH_QUESTIONS = 1000;

/** Pages of one package: the packages with the most records have some ten. */
const MAX_PAGES = 100;
const MAX_ANSWER_BYTES = 64 << 20;

interface OpenQuestion {
  readonly index: number;
  readonly question: OsvQuestion;
  readonly pageToken?: string;
}

/** Source: https://google.github.io/osv.dev/api/ (querybatch, vulns). */
export function createOsvApi({ client, url: stated = 'https://api.osv.dev', signal }: OsvApiOptions): OsvApi {
  const url = stated.replace(/\/+$/, '');
  const fetchJson = async (path: string, question?: string): Promise<unknown> => {
    const address = `${url}/v1/${path}`;
    return readJson(await textOf(client, address, { signal, ...(question !== undefined && { question }) }), address);
  };

  async function askPage(open: readonly OpenQuestion[]): Promise<readonly Answer[]> {
    const queries = open.map(({ question: { ecosystem, name, version }, pageToken }) => ({
      package: { ecosystem, name },
      version,
      ...(pageToken !== undefined && { page_token: pageToken }),
    }));
    const { results } = asFields(await fetchJson('querybatch', JSON.stringify({ queries })));
    const answers = asList(results).map(readAnswer);
    if (answers.length === open.length) return answers;
    throw new ScannerError('feed.malformed', `${url} answers ${answers.length} of ${open.length} questions`, { url });
  }

  return {
    async ask(questions) {
      const mentions: OsvMention[][] = questions.map(() => []);
      let open: OpenQuestion[] = questions.map((question, index) => ({ question, index }));
      for (let page = 0; open.length > 0; page++) {
        if (page >= MAX_PAGES)
          throw new ScannerError('feed.limit-exceeded', `${url} has more than maxPages = ${MAX_PAGES}`, { url });
        const following: OpenQuestion[] = [];
        for (let start = 0; start < open.length; start += MAX_BATCH_QUESTIONS) {
          const batch = open.slice(start, start + MAX_BATCH_QUESTIONS);
          for (const [place, { found, pageToken }] of (await askPage(batch)).entries()) {
            const { index, question } = batch[place]!;
            mentions[index]!.push(...found);
            if (pageToken !== undefined) following.push({ index, question, pageToken });
          }
        }
        open = following;
      }
      return mentions;
    },

    record: (id) => fetchJson(`vulns/${encodeURIComponent(id)}`),
  };
}

interface Answer {
  readonly found: readonly OsvMention[];
  readonly pageToken?: string;
}

function readAnswer(value: unknown): Answer {
  const { vulns, next_page_token: token } = asFields(value);
  const pageToken = asText(token);
  const found = asList(vulns).flatMap((mention) => {
    const { id, modified } = asFields(mention);
    return asText(id) ? [{ id: id as string, modified: asText(modified) ?? '' }] : [];
  });
  return { found, ...(pageToken && { pageToken }) };
}

async function textOf(
  client: HttpClient,
  url: string,
  options: Pick<DownloadOptions, 'signal' | 'question'>,
): Promise<string> {
  const chunks: Buffer[] = [];
  const sink = { write: (chunk: Buffer) => void chunks.push(chunk), restart: () => void chunks.splice(0) };
  await client.download(url, { ...options, sink, maxBytes: MAX_ANSWER_BYTES });
  return Buffer.concat(chunks).toString('utf8');
}

function readJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScannerError('feed.malformed', `${url} answers no JSON`, { url }, { cause });
  }
}
