import type { State } from '../../state/state.ts';
import { versionFormatOfNamespace } from '../../wire/clair-v1/project-namespace.ts';
import type { ClairNamespace } from '../../wire/clair-v1/types.ts';
import type { Namespaces } from '../dependencies.ts';
import type { FeedFacts } from '../vulnerabilities/feed-facts.ts';

/** Namespaces that layers and users named, in that order, then those of feeds alone, sorted. */
export function createNamespaces({ state, feeds }: { readonly state: State; readonly feeds: FeedFacts }): Namespaces {
  return {
    async list() {
      const named = await state.db
        .selectFrom('named_namespace')
        .orderBy('id')
        .select(['name', 'version_format as format'])
        .execute();
      const seen = new Set(named.map(({ name }) => name));
      const fed = feeds
        .namespaces()
        .filter((name) => !seen.has(name))
        .map((name) => ({ name, format: versionFormatOfNamespace(name) }));
      return [...named, ...fed].map(namespaceOf);
    },
  };
}

function namespaceOf({ name, format }: { readonly name: string; readonly format: string }): ClairNamespace {
  return { Name: name, ...(format !== '' && { VersionFormat: format }) };
}
