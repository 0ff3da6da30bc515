import type { ServerConfig, TlsFiles } from '../config/server-config.ts';
import type { StoredNotification } from './stored-notification.ts';

/** One way to tell somebody. */
export interface Notifier {
  /** Of its plugin. */
  readonly name: string;
  /** Notifications that go in one message at most. */
  readonly maxBatch: number;
  /** Whether it is told again after `notifier.renotifyinterval` what nobody has read by then. */
  readonly isRepeated: boolean;
  /**
   * Sends one message on all of these; the same one may be sent twice. It ends when the signal is aborted.
   *
   * @throws anything where it was not taken; the message of the error is logged and kept, so it holds no secret.
   */
  send(notifications: readonly StoredNotification[], signal: AbortSignal): Promise<void>;
}

/** A notifier of the program: one file of `notifiers/`, one line in its registry. */
export interface NotifierPlugin {
  readonly name: string;
  /** @returns undefined where the configuration says nothing of it. */
  configure(settings: NotifierSettings, outside: Outside): Notifier | undefined;
}

/** What the configuration says of notifiers. */
export type NotifierSettings = Pick<ServerConfig, 'notifier' | 'notifications'>;

/** What notifiers are handed of the world. */
export interface Outside {
  /** Sends JSON. Redirects are followed. @throws where there is no answer. */
  post(message: JsonMessage, signal: AbortSignal): Promise<{ readonly status: number }>;
  /** Runs a program without a shell. @throws where it does not end with 0. */
  run(command: readonly string[], stdin: string, signal: AbortSignal): Promise<void>;
  /** Sends mail. @throws where no server took it. */
  mail(message: MailMessage, signal: AbortSignal): Promise<void>;
  readonly nowMs: () => number;
}

export interface JsonMessage {
  /** Its user and password are sent as a header. */
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How the connection is made; the same object for the same way. */
  readonly via?: ConnectionWay;
}

/** Files are read when a connection is made, so that certificates may be renewed. */
export interface ConnectionWay {
  readonly serverName?: string;
  readonly caFile?: string;
  readonly tls?: TlsFiles;
  readonly proxy?: string;
}

export interface MailMessage {
  /** SMTP server: `smtp://…` or `smtps://…`, with user and password. */
  readonly server: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** @throws Error unless a server took what was sent. */
export function checkTaken({ status }: { readonly status: number }): void {
  if (status < 200 || status > 299) throw new Error(`answered with status ${status}`);
}
