import { parseCpe, textOfWord } from '../documents/cpe.ts';
import { parseKernelVersion } from '../kernel/kernel-version.ts';
import type { Package } from '../model/package.ts';

/** A package that is a kernel. */
export interface KernelPackage {
  readonly item: Package;
  /** As far as it can be told: the package's version, else that of its CPE. */
  readonly release: string;
  /** A distribution speaks of its vulnerabilities, by its own versions. */
  readonly isOfDistribution: boolean;
}

/** The kernels among packages. */
export function kernelPackages(packages: readonly Package[]): readonly KernelPackage[] {
  return packages.flatMap(kernelOf);
}

/** Packages that bring no kernel, though they are made of its sources. */
const NO_KERNEL =
  /headers|-doc\b|-source|libc-dev|^linux-kbuild|^linux-base|^linux-compiler|-perf\b|^bpftool|^usbip|^rtla/;

const DISTRIBUTION_KERNEL =
  /^(linux(-(signed|image|lts|virt|hwe|aws|azure|gcp|kvm|oracle|raspi|oem|lowlatency)\b.*)?|kernel(-(default|core|rt|uek|64k))?)$/;

function kernelOf(item: Package): readonly KernelPackage[] {
  if (item.filtered !== undefined || NO_KERNEL.test(item.name)) return [];
  if (['deb', 'rpm', 'apk'].includes(item.type)) {
    const { name, version } = item.source ?? item;
    return DISTRIBUTION_KERNEL.test(name) ? [{ item, release: version, isOfDistribution: true }] : [];
  }
  const stated = (item.cpes ?? []).flatMap((text) => parseCpe(text) ?? []);
  const cpe = stated.find(({ product }) => textOfWord(product) === 'linux_kernel');
  if (!cpe) return [];
  // `custom` of Buildroot, or nothing: then the CPE's version may still be one.
  const readable = [item.version, textOfWord(cpe.version)].find((text) => text && parseKernelVersion(text));
  return [{ item, release: readable ?? item.version, isOfDistribution: false }];
}
