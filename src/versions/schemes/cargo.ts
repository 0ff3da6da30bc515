import type { VersionScheme } from '../scheme.ts';
import { compareSemantic, parseSemantic, type SemanticVersion } from '../semantic.ts';

/**
 * Versions of Rust crates: Semantic Versioning 2.0.0 to the letter, as crates.io enforces it.
 * Build metadata (`+zstd.1.5.2`) has no say: Cargo's requirements and RustSec's ranges ignore it.
 * Source: https://doc.rust-lang.org/cargo/reference/manifest.html#the-version-field
 */
export const cargo: VersionScheme<SemanticVersion> = {
  name: 'cargo',
  parse: (text) => parseSemantic('cargo', text),
  compare: compareSemantic,
};
