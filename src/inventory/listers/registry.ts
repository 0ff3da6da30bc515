import type { PackageLister } from '../lister.ts';
import { apkLister } from './apk.ts';
import { dpkgLister } from './dpkg.ts';
import { rpmLister } from './rpm.ts';

/** All listers. */
export const listers: readonly PackageLister[] = [apkLister, dpkgLister, rpmLister];
