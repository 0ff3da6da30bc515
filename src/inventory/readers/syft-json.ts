import { namespaceOfRelease } from '../../model/distribution.ts';
import { schemeOf } from '../../model/namespace.ts';
import type { Location } from '../../model/package.ts';
import { asFields, asList, asText, type JsonFields } from '../../platform/json-values.ts';
import { documentPackage } from '../document-package.ts';
import type { DocumentPackage, JsonReader } from '../reader.ts';

/**
 * Syft's own JSON: `artifacts` with purl, CPEs and locations, `distro` with the words of os-release(5).
 * Source: https://github.com/anchore/syft/tree/main/schema/json.
 */
export const syftJsonReader: JsonReader = {
  name: 'syft-json',
  title: 'Syft JSON',
  form: 'json',
  recognises: ({ artifacts, schema, descriptor }) =>
    Array.isArray(artifacts) && (asFields(descriptor).name === 'syft' || schema !== undefined),

  read(document, { problem }) {
    const deviation = (path: string, what: string) =>
      problem({ code: 'reader.deviation', message: `${path} ${what}`, path });
    if (!Array.isArray(document.artifacts)) deviation('artifacts', 'is no list');
    const namespace = releaseOf(asFields(document.distro));
    return {
      ...(namespace !== undefined && { namespace }),
      packages: packagesOf(asList(document.artifacts), deviation),
    };
  },
};

function releaseOf({ id, name, versionID, version }: JsonFields): string | undefined {
  const namespace = namespaceOfRelease(asText(id) ?? asText(name) ?? '', asText(versionID) ?? asText(version) ?? '');
  return namespace !== undefined && schemeOf(namespace) !== undefined ? namespace : undefined;
}

function* packagesOf(
  artifacts: readonly unknown[],
  deviation: (place: string, what: string) => void,
): Generator<DocumentPackage> {
  for (const [index, value] of artifacts.entries()) {
    const place = `artifacts[${index}]`;
    const item = asFields(value);
    const version = asText(item.version);
    if (version === undefined && item.version !== undefined && item.version !== '')
      deviation(`${place}.version`, 'is no text');
    const cpes = asList(item.cpes).flatMap((cpe) => asText(cpe) ?? asText(asFields(cpe).cpe) ?? []);
    const listed = documentPackage({ name: asText(item.name) ?? '', version, purl: asText(item.purl), cpes }, (what) =>
      deviation(place, what),
    );
    const module = listed.module ?? asText(asFields(item.metadata).modularityLabel);
    const locations = asList(item.locations).flatMap((location) => locationOf(asFields(location)));
    yield {
      ...listed,
      ...(module !== undefined && { module }),
      ...(locations.length > 0 && { locations }),
    };
  }
}

function locationOf({ path, layerID }: JsonFields): readonly Location[] {
  const [place, layer] = [asText(path), asText(layerID)];
  if (place === undefined) return [];
  const relative = place.replace(/^\//, '');
  return [layer === undefined ? { path: relative } : { layer, path: relative }];
}
