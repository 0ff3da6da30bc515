import { LINUX_REPOSITORY } from '../clone-directory.ts';
import { memoryBody } from '../document-body.ts';
import type { Updater } from '../updater.ts';

/**
 * The sources of Linux with their whole history, of several GB: a bare clone of all branches and tags, brought up to date by what is
 * new. No record comes of it: the clone itself is read where a kernel is judged by its commits.
 */
export const linuxUpdater: Updater = {
  name: 'linux',
  title: 'Linux, its stable tree with all history (a clone of several GB)',
  homepage: 'https://www.kernel.org/',
  licence: 'GPL-2.0-only WITH Linux-syscall-note',
  version: 1,
  optional: true,
  hasNoRecords: true,
  fullReadSeconds: 3600,
  covers: () => undefined,

  async *fetch({ git, previous }) {
    const { head } = await git.open(LINUX_REPOSITORY, { isWhole: true });
    const name = 'head';
    if (previous.revisionOf(name) === head) yield { kind: 'unchanged', name };
    else yield { kind: 'document', document: { name, revision: head, body: memoryBody(Buffer.from(head), { name }) } };
  },

  *parse({ revision }) {
    yield { part: 'head', revision, records: [] };
  },
};
