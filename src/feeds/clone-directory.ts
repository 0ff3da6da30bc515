import { join } from 'node:path';

/** The stable tree: mainline with the branches of all stable releases. */
export const LINUX_REPOSITORY = 'https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git';

/** Where the clone of a repository lies. */
export function cloneDirectory(gitDirectory: string, url: string): string {
  return join(gitDirectory, `${encodeURIComponent(url.replace(/^https?:\/\//, ''))}.git`);
}
