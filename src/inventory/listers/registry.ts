import { withOwnPlugins } from '../../platform/own-plugins.ts';
import type { PackageLister } from '../lister.ts';
import { apkLister } from './apk.ts';
import { cargoAuditableLister } from './cargo-auditable.ts';
import { cargoLockLister } from './cargo-lock.ts';
import { composerLister } from './composer.ts';
import { conanLister } from './conan.ts';
import { dotnetDepsLister } from './dotnet-deps.ts';
import { dpkgLister } from './dpkg.ts';
import { gemfileLockLister } from './gemfile-lock.ts';
import { gemspecLister } from './gemspec.ts';
import { goBinaryLister } from './go-binary.ts';
import { goModLister } from './go-mod.ts';
import { hexLockLister } from './hex-lock.ts';
import { javaArchiveLister } from './java-archive.ts';
import { kernelModulesLister } from './kernel-modules.ts';
import { npmInstalledLister } from './npm-installed.ts';
import { npmLockLister } from './npm-lock.ts';
import { nugetConfigLister } from './nuget-config.ts';
import { nugetLockLister } from './nuget-lock.ts';
import { pipfileLockLister } from './pipfile-lock.ts';
import { pnpmLockLister } from './pnpm-lock.ts';
import { poetryLockLister } from './poetry-lock.ts';
import { pubspecLockLister } from './pubspec-lock.ts';
import { pythonInstalledLister } from './python-installed.ts';
import { requirementsLister } from './requirements.ts';
import { rpmLister } from './rpm.ts';
import { rpmManifestLister } from './rpm-manifest.ts';
import { swiftResolvedLister } from './swift-resolved.ts';
import { uvLockLister } from './uv-lock.ts';
import { yarnLockLister } from './yarn-lock.ts';

/** All listers: of operating systems, then of languages. */
export const listers: readonly PackageLister[] = await withOwnPlugins<PackageLister>('listers', [
  apkLister,
  dpkgLister,
  rpmLister,
  rpmManifestLister,
  cargoAuditableLister,
  cargoLockLister,
  composerLister,
  conanLister,
  dotnetDepsLister,
  gemfileLockLister,
  gemspecLister,
  goBinaryLister,
  goModLister,
  hexLockLister,
  javaArchiveLister,
  kernelModulesLister,
  npmInstalledLister,
  npmLockLister,
  nugetConfigLister,
  nugetLockLister,
  pipfileLockLister,
  pnpmLockLister,
  poetryLockLister,
  pubspecLockLister,
  pythonInstalledLister,
  requirementsLister,
  swiftResolvedLister,
  uvLockLister,
  yarnLockLister,
]);
