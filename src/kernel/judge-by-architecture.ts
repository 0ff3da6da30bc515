import type { KernelJudge } from './judge-kernel.ts';

/**
 * Judges by the architecture alone, where no tree tells what is compiled: code below `arch/` of others only is not in this kernel.
 *
 * @param srcArch a folder below `arch/`.
 */
export function architectureJudge(srcArch: string): KernelJudge {
  return {
    stage: 'config',
    judge({ files }) {
      const others = files.filter((path) => isOfOther(path, srcArch));
      if (files.length === 0 || others.length < files.length) return undefined;
      return {
        stage: 'config',
        verdict: 'not_affected',
        justification: 'code_not_present',
        confidence: 'exact',
        evidence: { files: others },
        reason: 'it concerns other architectures only',
      };
    },
  };
}

/** User-mode Linux is built of the host's architecture. */
function isOfOther(path: string, srcArch: string): boolean {
  const arch = /^arch\/([^/]+)\//.exec(path)?.[1];
  return arch !== undefined && arch !== srcArch && srcArch !== 'um';
}
