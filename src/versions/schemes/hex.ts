import type { VersionScheme } from '../scheme.ts';
import { compareSemantic, parseSemantic, type SemanticVersion } from '../semantic.ts';

/**
 * Versions of Elixir and Erlang packages: Semantic Versioning 2.0.0; all three numbers are required, build metadata is ignored.
 * Source: https://hexdocs.pm/elixir/Version.html
 */
export const hex: VersionScheme<SemanticVersion> = {
  name: 'hex',
  parse: (text) => parseSemantic('hex', text),
  compare: compareSemantic,
};
