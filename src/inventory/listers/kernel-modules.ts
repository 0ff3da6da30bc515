import type { PackageLister } from '../lister.ts';

/**
 * Lists the kernels whose modules are installed: `lib/modules/<release>/modules.builtin`, which every `make modules_install` writes.
 * Kernels of a distribution's package are that package's; what is left was built by the image's maker.
 *
 * The release (`uname -r`) is the version; NVD's numbering has no local part, so the CPE has the version as upstream writes it.
 * Source: Documentation/kbuild/kbuild.rst, "modules.builtin"
 */
export const kernelModulesLister: PackageLister = {
  name: 'kernel-modules',
  version: 1,
  fileNames: ['modules.builtin'],
  wants: ({ path }) => PATH.test(path),

  async *list({ path }) {
    const release = PATH.exec(path)?.[1] ?? '';
    const upstream = /^\d+\.\d+(?:\.\d+)?(?:-rc\d+)?/.exec(release)?.[0];
    yield {
      ...{ name: 'linux', version: release, versionScheme: 'generic', type: 'generic', namespace: 'generic' },
      cpes: [
        `cpe:2.3:o:linux:linux_kernel:${upstream === undefined ? '*' : upstream.replace('-', '\\-')}:*:*:*:*:*:*:*`,
      ],
    };
  },
};

const PATH = /^(?:usr\/)?lib\/modules\/([^/]+)\/modules\.builtin$/;
