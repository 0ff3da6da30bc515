import type { Logger } from 'pino';
import {
  adoptNotifiers,
  type DeliveryEnding,
  type DueDelivery,
  dueDeliveries,
  endDeliveries,
  hasDue,
} from '../../state/delivery-rows.ts';
import { whileHoldingRowLock } from '../../state/hold-row-lock.ts';
import type { State } from '../../state/state.ts';
import type { Notifier } from './notifier.ts';
import { readNotification } from './stored-notification.ts';

/** Who counts what is sent. */
export interface DeliveryMeasures {
  /** @param latencyMs since the notification was made; told of first sendings only. */
  sent(notifier: string, latencyMs: number): void;
  failed(notifier: string): void;
}

export interface DeliveryOptions {
  readonly state: State;
  readonly notifier: Notifier;
  /** Unique for each process. */
  readonly instanceId: string;
  /** Tries in one series. */
  readonly attempts: number;
  /** From the begin of a series to that of the next one. */
  readonly renotifyMs: number;
  readonly measures: DeliveryMeasures;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** When its owner dies, a notifier rests no longer. */
const LOCK_MS = 60_000;
/** Asked for at once; they are sent one message after the other. */
const MAX_ASKED = 500;
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 900_000;

/**
 * Sends what one notifier is to send, on one of several instances at a time: in order at first; what failed is tried again after 1, 2,
 * 4 … seconds, up to 15 minutes, and holds nothing up meanwhile. After `attempts` tries it rests until `renotifyMs` after the first
 * one. What was sent and what failed is written down message by message: a server that dies sends at most one message twice.
 */
export class DeliveryRounds {
  readonly #options: DeliveryOptions;
  #isAdopted = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Sends what is due by now, if there is anything and nobody else is at it. */
  async round(signal: AbortSignal): Promise<void> {
    const { state, notifier, instanceId } = this.#options;
    if (!this.#isAdopted) await adoptNotifiers(state, [notifier.name]);
    this.#isAdopted = true;
    if (!(await hasDue(state, notifier.name))) return;
    const lock = { name: `notifier ${notifier.name}`, owner: instanceId };
    await whileHoldingRowLock(state, lock, (held) => this.#sendAll(held), { lifeMs: LOCK_MS, signal });
  }

  async #sendAll(signal: AbortSignal): Promise<void> {
    const { state, notifier, nowMs } = this.#options;
    for (;;) {
      const due = await dueDeliveries(state, notifier.name, Math.max(MAX_ASKED, notifier.maxBatch));
      if (due.length === 0) return;
      const clockAheadMs = (await state.now()) - nowMs();
      for (let from = 0; from < due.length; from += notifier.maxBatch) {
        signal.throwIfAborted();
        await this.#send(due.slice(from, from + notifier.maxBatch), () => Math.round(nowMs() + clockAheadMs), signal);
      }
    }
  }

  /** @param now the database's clock. */
  async #send(batch: readonly DueDelivery[], now: () => number, signal: AbortSignal): Promise<void> {
    const { state, notifier, measures, log } = this.#options;
    const triedAtMs = now();
    const failure = await this.#try(batch, signal);
    if (failure !== undefined) {
      signal.throwIfAborted();
      measures.failed(notifier.name);
      const names = batch.map(({ notification }) => notification.name);
      log.warn({ notifier: notifier.name, notifications: names, reason: failure }, 'a notification was not taken');
    }
    const endedAtMs = now();
    const endings = batch.map((delivery) => this.#endingOf(delivery, { triedAtMs, endedAtMs, failure }));
    await endDeliveries(state, endings);
    if (failure !== undefined) return;
    for (const { notification } of batch)
      if (notification.notified_at === null) measures.sent(notifier.name, endedAtMs - notification.created_at);
  }

  /** @returns why it was not taken. */
  async #try(batch: readonly DueDelivery[], signal: AbortSignal): Promise<string | undefined> {
    try {
      await this.#options.notifier.send(
        batch.map(({ notification }) => readNotification(notification)),
        signal,
      );
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #endingOf(
    { notification, attemptCount, seriesStartedAtMs }: DueDelivery,
    { triedAtMs, endedAtMs, failure }: { triedAtMs: number; endedAtMs: number; failure: string | undefined },
  ): DeliveryEnding {
    const { notifier, attempts, renotifyMs } = this.#options;
    const about = { notifier: notifier.name, notificationId: notification.id };
    const startedAtMs = seriesStartedAtMs ?? triedAtMs;
    const rest = { dueAtMs: startedAtMs + renotifyMs, attemptCount: 0, seriesStartedAtMs: null };
    if (failure === undefined) {
      const again = notifier.isRepeated && { again: { ...rest, error: null } };
      return { ...about, sentAtMs: endedAtMs, ...again };
    }
    const triedCount = attemptCount + 1;
    if (triedCount >= attempts)
      return {
        ...about,
        again: { ...rest, dueAtMs: Math.max(rest.dueAtMs, endedAtMs + FIRST_WAIT_MS), error: failure },
      };
    const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attemptCount);
    return {
      ...about,
      again: {
        ...{ dueAtMs: endedAtMs + waitMs, attemptCount: triedCount, seriesStartedAtMs: startedAtMs },
        error: failure,
      },
    };
  }
}
