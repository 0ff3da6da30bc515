import type { VersionScheme } from '../scheme.ts';
import { compareSemantic, parseSemantic, type SemanticVersion, STRICT_AFTER_V } from '../semantic.ts';

/**
 * Versions of npm, Swift and others: Semantic Versioning 2.0.0, with the one liberty that npm takes: a leading `v`.
 * Build metadata has no say in the order.
 * Source: https://semver.org/spec/v2.0.0.html; node-semver, "Versions".
 */
export const semver: VersionScheme<SemanticVersion> = {
  name: 'semver',
  parse: (text) => parseSemantic('semver', text, STRICT_AFTER_V),
  compare: compareSemantic,
};
