import { MAX_BATCH_QUESTIONS, type OsvApi, type OsvMention, type OsvQuestion } from '../feeds/osv-api.ts';
import { ScannerError } from '../model/errors.ts';
import type { KeptAnswer, OsvCache } from './osv-cache.ts';

/** How OSV is asked. */
export interface AskOsvOptions {
  readonly api: OsvApi;
  readonly cache: OsvCache;
  /** Answers from the cache only, however old. */
  readonly isOffline: boolean;
  readonly now: Date;
  /** Younger answers of the cache are taken; 24 hours. */
  readonly maxAgeMs?: number;
}

/** What OSV says of packages. */
export interface OsvAnswers {
  /** Records by id, as OSV writes them. */
  readonly records: ReadonlyMap<string, unknown>;
  /** Questions that nobody answered, or of whose answers a record is missing. */
  readonly unanswered: readonly OsvQuestion[];
  /** Why, each once. */
  readonly reasons: readonly string[];
  /** When the oldest answer was given; undefined without answers. */
  readonly askedAt?: string;
}

const MAX_AGE_MS = 24 * 3600 * 1000;
/** Who refuses more single questions than these does not understand us at all. */
const MAX_REFUSED_QUESTIONS = 20;
/** Records that are asked for at once. */
const PARALLEL_REQUESTS = 8;

/** Asks OSV of packages: what the cache holds is not asked again, and what fails leaves the rest. */
export async function askOsv(questions: readonly OsvQuestion[], options: AskOsvOptions): Promise<OsvAnswers> {
  const reasons = new Set<string>();
  const answers = await takeAnswers(questions, options, reasons);
  const mentions = new Map([...answers.values()].flatMap((answer) => answer.mentions).map((one) => [one.id, one]));
  const records = await takeRecords([...mentions.values()], options, reasons);
  const isWhole = (question: OsvQuestion): boolean =>
    answers.get(question)?.mentions.every(({ id }) => records.has(id)) ?? false;
  const askedAt = [...answers.values()].map((answer) => answer.askedAt).sort()[0];
  return {
    records,
    unanswered: questions.filter((question) => !isWhole(question)),
    reasons: [...reasons],
    ...(askedAt !== undefined && { askedAt }),
  };
}

type Answers = ReadonlyMap<OsvQuestion, KeptAnswer>;

async function takeAnswers(
  questions: readonly OsvQuestion[],
  { api, cache, isOffline, now, maxAgeMs = MAX_AGE_MS }: AskOsvOptions,
  reasons: Set<string>,
): Promise<Answers> {
  const answers = new Map<OsvQuestion, KeptAnswer>();
  const open: OsvQuestion[] = [];
  for (const question of questions) {
    const kept = cache.answer(question);
    const isFresh = kept !== undefined && now.getTime() - Date.parse(kept.askedAt) < maxAgeMs;
    if (kept && (isOffline || isFresh)) answers.set(question, kept);
    else open.push(question);
  }
  if (isOffline && open.length > 0) reasons.add('it is not to be asked, and the cache has no answer');
  for (let start = 0; !isOffline && start < open.length; start += MAX_BATCH_QUESTIONS) {
    const batch = open.slice(start, start + MAX_BATCH_QUESTIONS);
    try {
      for (const [question, mentions] of await askBatch(batch, api, reasons)) {
        const answer = { askedAt: now.toISOString(), mentions };
        answers.set(question, answer);
        await cache.keepAnswer(question, answer);
      }
    } catch (error) {
      reasons.add(reasonOf(error));
      // Who does not answer one batch would keep us waiting for each.
      break;
    }
  }
  return answers;
}

type Heard = readonly (readonly [OsvQuestion, readonly OsvMention[]])[];

/** One question that OSV does not understand makes it refuse the whole batch: it is looked for by halves, and the others are asked. */
async function askBatch(batch: readonly OsvQuestion[], api: OsvApi, reasons: Set<string>): Promise<Heard> {
  try {
    return (await api.ask(batch)).map((mentions, index) => [batch[index]!, mentions] as const);
  } catch (error) {
    if (!isRefused(error)) throw error;
    const [question] = batch;
    if (batch.length === 1 && question) {
      if (reasons.size >= MAX_REFUSED_QUESTIONS) throw error;
      reasons.add(`it does not take ${question.ecosystem} ${question.name} ${question.version}`);
      return [];
    }
    const half = batch.length >> 1;
    const first = await askBatch(batch.slice(0, half), api, reasons);
    return [...first, ...(await askBatch(batch.slice(half), api, reasons))];
  }
}

async function takeRecords(
  mentions: readonly OsvMention[],
  { api, cache, isOffline }: AskOsvOptions,
  reasons: Set<string>,
): Promise<ReadonlyMap<string, unknown>> {
  const records = new Map<string, unknown>();
  const open = mentions.filter((mention) => {
    const kept = cache.record(mention);
    if (kept !== undefined) records.set(mention.id, kept);
    return kept === undefined;
  });
  if (isOffline && open.length > 0) reasons.add('it is not to be asked, and the cache lacks records');
  let isBroken = isOffline;
  const take = async (): Promise<void> => {
    for (let next = open.shift(); next && !isBroken; next = open.shift()) {
      try {
        const record = await api.record(next.id);
        records.set(next.id, record);
        await cache.keepRecord(next.id, record);
      } catch (error) {
        reasons.add(reasonOf(error));
        isBroken = !isGone(error);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_REQUESTS }, take));
  return records;
}

const isRefused = (error: unknown): boolean => error instanceof ScannerError && error.details.status === 400;

/** One record that is not there is no reason to give the others up. */
const isGone = (error: unknown): boolean => error instanceof ScannerError && error.details.status === 404;

function reasonOf(error: unknown): string {
  if (error instanceof ScannerError) return error.message;
  throw error;
}
