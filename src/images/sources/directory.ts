import type { ImageSource } from '../image-source.ts';

/** A root file system on disk: one layer without a digest. */
export const directory: ImageSource = {
  name: 'directory',
  prefix: 'dir',
  summary: 'a root file system in a directory',
  kind: 'directory',
  recognises: () => true,
  describe: ({ path }) => ({
    kind: 'directory',
    layers: [{ index: 0, digest: '', content: { kind: 'directory', path } }],
    problems: [],
  }),
};
