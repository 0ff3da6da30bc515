import { ScannerError } from '../../../model/errors.ts';
import { decodeClair } from '../../../wire/clair-v1/decode.ts';
import type { ClairVulnerability } from '../../../wire/clair-v1/types.ts';
import type { VulnerabilityName } from '../../dependencies.ts';
import { malformed, readLimit, readPage } from './read-query.ts';
import type { V1Parts, V1Request, V1Route } from './v1-route.ts';

const COLLECTION = '/namespaces/:namespaceName/vulnerabilities';
const ONE = `${COLLECTION}/:vulnerabilityName`;

type Parts = Pick<V1Parts, 'namespaces' | 'vulnerabilities' | 'pageTokens'>;

/** Namespaces, and what is known to be wrong with their packages. */
export function vulnerabilityRoutes(parts: Parts): readonly V1Route[] {
  return [listNamespaces(parts), listVulnerabilities(parts), ...changes(parts)];
}

function listNamespaces({ namespaces }: Parts): V1Route {
  return {
    method: 'GET',
    path: '/namespaces',
    name: 'v1/getNamespaces',
    summary: 'Namespaces of stored layers and of vulnerabilities added here',
    gives: ['Namespaces'],
    successStatus: 200,
    handle: async () => ({ status: 200, envelope: { Namespaces: await namespaces.list() } }),
  };
}

function listVulnerabilities({ vulnerabilities, pageTokens }: Parts): V1Route {
  return {
    method: 'GET',
    path: COLLECTION,
    name: 'v1/getVulnerabilities',
    summary: "A page of a namespace's vulnerabilities, without FixedIn",
    query: {
      limit: { type: 'integer', help: 'required; at most 10,000 count' },
      page: { type: 'string', help: '`NextPage` of the page before' },
    },
    gives: ['Vulnerabilities', 'NextPage'],
    successStatus: 200,
    // Clair counts these two failures under its neighbours' names, so its dashboards look for them there.
    nameOfFailure: (error) =>
      codeOf(error) === 'resource.not-found'
        ? 'v1/getVulnerability'
        : isPageError(error)
          ? 'v1/getNotification'
          : 'v1/getVulnerabilities',
    async handle({ params, query }) {
      const limit = readLimit(query);
      if (limit < 0) throw malformed('limit value should not be less than zero');
      const from = readPage(query, pageTokens, (page): page is number => Number.isSafeInteger(page));
      const wish = { limit, ...(from !== undefined && { from }) };
      const { vulnerabilities: list, next } = await vulnerabilities.list(params.namespaceName!, wish);
      const nextPage = next !== undefined && { NextPage: pageTokens.make(next) };
      return { status: 200, envelope: { Vulnerabilities: list, ...nextPage } };
    },
  };
}

function changes({ vulnerabilities }: Parts): readonly V1Route[] {
  return [
    {
      method: 'POST',
      path: COLLECTION,
      name: 'v1/postVulnerability',
      summary: 'Add a vulnerability, or replace one and merge its FixedIn',
      takes: 'Vulnerability',
      gives: ['Vulnerability'],
      successStatus: 201,
      async handle({ params, body }) {
        const vulnerability = readVulnerability(await body());
        // Clair looks at the body's namespace only; the URL's is for clients that give none.
        const namespace = vulnerability.NamespaceName || params.namespaceName!;
        await vulnerabilities.post({ ...vulnerability, NamespaceName: namespace });
        return { status: 201, envelope: { Vulnerability: vulnerability } };
      },
    },
    {
      method: 'GET',
      path: ONE,
      name: 'v1/getVulnerability',
      summary: 'A vulnerability',
      query: { fixedIn: { type: 'flag', help: 'with the features that it concerns' } },
      gives: ['Vulnerability'],
      successStatus: 200,
      async handle({ params, query }) {
        const found = await vulnerabilities.get(nameIn(params), { fixedIn: query.has('fixedIn') });
        return { status: 200, envelope: { Vulnerability: found } };
      },
    },
    {
      method: 'PUT',
      path: ONE,
      name: 'v1/putVulnerability',
      summary: 'Replace all of a vulnerability but FixedIn; an unknown one is made',
      takes: 'Vulnerability',
      gives: ['Vulnerability'],
      successStatus: 200,
      async handle({ params, body }) {
        const vulnerability = readVulnerability(await body());
        if (vulnerability.FixedIn?.length) throw malformed('Vulnerability.FixedIn must be empty');
        await vulnerabilities.put(nameIn(params), vulnerability);
        return { status: 200, envelope: { Vulnerability: vulnerability } };
      },
    },
    {
      method: 'DELETE',
      path: ONE,
      name: 'v1/deleteVulnerability',
      summary: 'Delete a vulnerability, also one of a feed',
      successStatus: 200,
      async handle({ params }) {
        await vulnerabilities.delete(nameIn(params));
        return { status: 200 };
      },
    },
  ];
}

/** The vulnerability that a path names. */
export function nameIn({ namespaceName, vulnerabilityName }: V1Request['params']): VulnerabilityName {
  return { namespace: namespaceName!, name: vulnerabilityName! };
}

function readVulnerability(body: Buffer): ClairVulnerability {
  const vulnerability = decodeClair('Vulnerability', body);
  if (!vulnerability) throw malformed('failed to provide vulnerability');
  return vulnerability;
}

const codeOf = (error: unknown) => (error instanceof ScannerError ? error.code : undefined);
const isPageError = (error: unknown) =>
  error instanceof ScannerError && error.message.startsWith('invalid page format: ');
