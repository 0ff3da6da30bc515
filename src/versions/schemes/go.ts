import { readNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';
import { compareSemantic, parseSemantic, type SemanticVersion, SHORT_AFTER_V } from '../semantic.ts';

/** `go1.21rc1`, `1.21rc1`; what follows a blank or `-` names a builder or experiments. */
const TOOLCHAIN = /^(?:go)?([0-9]+)(?:\.([0-9]+)(?:\.([0-9]+)|([a-z]+)([0-9]+))?)?(?:[ \t-].*)?$/;

/**
 * Versions of Go modules and of the Go toolchain (`stdlib`): Semantic Versioning with or without its `v`, short forms
 * (`v1`, `v1.2`), pseudo-versions, `+incompatible` (which has no say); and `go1.21rc1`, which is `1.21.0-rc.1` in Go's
 * vulnerability database. A toolchain may name its builder or experiments (`go1.22.1-corp`, `go1.22.1 X:loopvar`); they do
 * not count.
 *
 * `go1.21` is read as `1.21.0`, as the vulnerability database and `v1.21` of modules are; for `go/version` it is a language
 * version before `go1.21rc1`, which no toolchain states as its own.
 * Source: https://go.dev/ref/mod#versions, https://go.dev/doc/toolchain#version, golang.org/x/mod/semver.
 */
export const go: VersionScheme<SemanticVersion> = {
  name: 'go',
  parse: (text) => (isToolchain(text) ? parseToolchain(text) : parseSemantic('go', text, SHORT_AFTER_V)),
  compare: compareSemantic,
};

function isToolchain(text: string): boolean {
  return text.startsWith('go') || /^[0-9]+\.[0-9]+[a-z]/.test(text);
}

function parseToolchain(text: string): SemanticVersion {
  const [, major, minor, patch, phase, phaseNumber] = readVersion('go', text, TOOLCHAIN);
  return {
    core: [readNumber(major), readNumber(minor), readNumber(patch)],
    preRelease: phase ? [phase, readNumber(phaseNumber)] : [],
  };
}
