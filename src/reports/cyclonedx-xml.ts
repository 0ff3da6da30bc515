import type { CyclonedxComponent, CyclonedxPatch } from './cyclonedx-components.ts';
import type { CyclonedxDocument } from './cyclonedx-document.ts';
import type { CyclonedxInventory } from './cyclonedx-inventory.ts';
import type { CyclonedxRating, CyclonedxVulnerability } from './cyclonedx-vulnerabilities.ts';
import type { Property } from './inventory-properties.ts';
import { inPieces } from './pieces.ts';
import { xmlAttributes, xmlElement } from './xml-text.ts';

/** A document's parts; an inventory alone has no vulnerabilities. */
export type CyclonedxXmlDocument = CyclonedxInventory & Partial<Pick<CyclonedxDocument, 'vulnerabilities'>>;

/** A CycloneDX 1.6 document in XML; its schema demands the order of the elements. Source: https://cyclonedx.org/docs/1.6/xml/. */
export function cyclonedxXml(document: CyclonedxXmlDocument): Iterable<string> {
  return inPieces(textsOf(document));
}

function* textsOf(document: CyclonedxXmlDocument): Generator<string> {
  const { serialNumber, metadata, components, dependencies, vulnerabilities } = document;
  const xmlns = 'http://cyclonedx.org/schema/bom/1.6';
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<bom${xmlAttributes({ xmlns, serialNumber, version: 1 })}>\n`;
  yield `${metadataXml(metadata)}\n<components>\n`;
  for (const component of components) yield `${componentXml(component)}\n`;
  yield `</components>\n<dependencies>\n`;
  for (const { ref, dependsOn } of dependencies) {
    yield `<dependency${xmlAttributes({ ref })}>\n`;
    for (const other of dependsOn) yield `<dependency${xmlAttributes({ ref: other })}/>\n`;
    yield '</dependency>\n';
  }
  yield '</dependencies>\n';
  if (vulnerabilities) {
    yield '<vulnerabilities>\n';
    for (const vulnerability of vulnerabilities) yield `${vulnerabilityXml(vulnerability)}\n`;
    yield '</vulnerabilities>\n';
  }
  yield '</bom>\n';
}

function metadataXml({ timestamp, tools, component, properties }: CyclonedxInventory['metadata']): string {
  return xmlElement('metadata', [
    xmlElement('timestamp', timestamp),
    xmlElement('tools', [
      xmlElement(
        'components',
        tools.components.map(({ type, name, version }) =>
          xmlElement('component', [xmlElement('name', name), xmlElement('version', version)], { type }),
        ),
      ),
    ]),
    componentXml(component),
    propertiesXml(properties),
  ]);
}

function componentXml(component: CyclonedxComponent): string {
  const { type, group, name, version, cpe, purl, pedigree, properties } = component;
  const children = [
    ...[xmlElement('group', group), xmlElement('name', name), xmlElement('version', version)],
    ...[xmlElement('cpe', cpe), xmlElement('purl', purl)],
    xmlElement('pedigree', pedigree && [xmlElement('patches', pedigree.patches.map(patchXml))]),
    propertiesXml(properties),
  ];
  return xmlElement('component', children, { type, 'bom-ref': component['bom-ref'] });
}

function patchXml({ type, resolves }: CyclonedxPatch): string {
  const issues = resolves.map((issue) => xmlElement('issue', [xmlElement('id', issue.id)], { type: issue.type }));
  return xmlElement('patch', [xmlElement('resolves', issues)], { type });
}

function propertiesXml(properties: readonly Property[] = []): string {
  if (properties.length === 0) return '';
  return xmlElement(
    'properties',
    properties.map(({ name, value }) => xmlElement('property', value, { name })),
  );
}

function vulnerabilityXml(vulnerability: CyclonedxVulnerability): string {
  const { id, source, references, ratings, cwes, description, recommendation } = vulnerability;
  const { advisories, published, updated, analysis, affects, properties } = vulnerability;
  return xmlElement(
    'vulnerability',
    [
      xmlElement('id', id),
      sourceXml(source),
      xmlElement(
        'references',
        references?.map((one) => xmlElement('reference', [xmlElement('id', one.id), sourceXml(one.source)])),
      ),
      xmlElement('ratings', ratings.map(ratingXml)),
      xmlElement(
        'cwes',
        cwes?.map((cwe) => xmlElement('cwe', cwe)),
      ),
      xmlElement('description', description),
      xmlElement('recommendation', recommendation),
      xmlElement(
        'advisories',
        advisories?.map(({ url }) => xmlElement('advisory', [xmlElement('url', url)])),
      ),
      xmlElement('published', published),
      xmlElement('updated', updated),
      analysisXml(analysis),
      xmlElement(
        'affects',
        affects.map(({ ref }) => xmlElement('target', [xmlElement('ref', ref)])),
      ),
      propertiesXml(properties),
    ],
    { 'bom-ref': vulnerability['bom-ref'] },
  );
}

function sourceXml({ name, url }: CyclonedxVulnerability['source']): string {
  return xmlElement('source', [xmlElement('name', name), xmlElement('url', url)]);
}

function ratingXml({ source, score, severity, method, vector }: CyclonedxRating): string {
  return xmlElement('rating', [
    xmlElement('source', [xmlElement('name', source.name)]),
    ...[xmlElement('score', score), xmlElement('severity', severity)],
    ...[xmlElement('method', method), xmlElement('vector', vector)],
  ]);
}

function analysisXml(analysis: CyclonedxVulnerability['analysis']): string {
  if (!analysis) return '';
  const { state, justification, response, detail } = analysis;
  return xmlElement('analysis', [
    ...[xmlElement('state', state), xmlElement('justification', justification)],
    xmlElement(
      'responses',
      response?.map((word) => xmlElement('response', word)),
    ),
    xmlElement('detail', detail),
  ]);
}
