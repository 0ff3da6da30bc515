import { failed, type GitObject, type GitOptions, OutputReader, readObject, startGit } from './git.ts';

/** Objects of one repository, read one by one through a single `git cat-file --batch` that lives until it is disposed of. */
export interface GitObjects extends Disposable {
  /**
   * Several may be asked for at once; git answers in that order.
   *
   * @param name an id, or `<commit>:<path>`, or any other name that git resolves.
   * @returns undefined when the repository lacks the object (a shallow or partial clone), or knows several by that name.
   * @throws ScannerError `feed.unreachable`, `feed.limit-exceeded`.
   */
  read(name: string): Promise<GitObject | undefined>;
}

/** Starts reading. Git itself starts with the first object asked for. */
export function openGitObjects(directory: string, options: GitOptions): GitObjects {
  let process: ReturnType<typeof startReading> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async read(name) {
      // A line is one question: a second one in it would put all later answers out of step.
      if (name === '' || /[\n\0]/.test(name)) return undefined;
      process ??= startReading(directory, options);
      const { reader, child } = process;
      child.stdin.write(`${name}\n`);
      const answer = last.then(() => readObject(reader, name));
      last = answer;
      answer.catch(() => {});
      try {
        return await answer;
      } catch (error) {
        options.signal.throwIfAborted();
        throw error;
      }
    },
    [Symbol.dispose]() {
      process?.child.kill();
      process = undefined;
      last = Promise.reject(failed('cat-file', 'is closed'));
      last.catch(() => {});
    },
  };
}

function startReading(directory: string, options: GitOptions) {
  const child = startGit(['--git-dir', directory, 'cat-file', '--batch'], options);
  child.stderr.resume();
  return { child, reader: new OutputReader(child.stdout) };
}
