import { readFileSync } from 'node:fs';

/**
 * What a process holds of memory that is its own: no files, which the system may drop.
 *
 * @returns bytes; undefined where the system does not tell (it is not Linux, or the process is gone).
 * Source: proc_pid_status(5), RssAnon.
 */
export function processMemoryBytes(pid: number): number | undefined {
  try {
    const kib = /^RssAnon:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}
