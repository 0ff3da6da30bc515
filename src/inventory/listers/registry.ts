import type { PackageLister } from '../lister.ts';
import { apkLister } from './apk.ts';
import { dpkgLister } from './dpkg.ts';
import { rpmLister } from './rpm.ts';
import { rpmManifestLister } from './rpm-manifest.ts';

/** All listers. */
export const listers: readonly PackageLister[] = [apkLister, dpkgLister, rpmLister, rpmManifestLister];
