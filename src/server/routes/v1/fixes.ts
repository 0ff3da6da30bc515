import { decodeClair } from '../../../wire/clair-v1/decode.ts';
import { malformed } from './read-query.ts';
import type { V1Parts, V1Route } from './v1-route.ts';
import { nameIn } from './vulnerabilities.ts';

const COLLECTION = '/namespaces/:namespaceName/vulnerabilities/:vulnerabilityName/fixes';
const ONE = `${COLLECTION}/:fixName`;

/** Which version of a feature is not affected any more. PUT and DELETE do what Clair documents: its own never work. */
export function fixRoutes({ vulnerabilities }: Pick<V1Parts, 'vulnerabilities'>): readonly V1Route[] {
  return [
    {
      method: 'GET',
      path: COLLECTION,
      name: 'v1/getFixes',
      summary: 'The features that a vulnerability concerns',
      gives: ['Features'],
      successStatus: 200,
      handle: async ({ params }) => ({
        status: 200,
        envelope: { Features: await vulnerabilities.listFixes(nameIn(params)) },
      }),
    },
    {
      method: 'PUT',
      path: ONE,
      name: 'v1/putFix',
      summary: 'Say in which version a feature is fixed; `None` for none yet',
      takes: 'Feature',
      gives: ['Feature'],
      successStatus: 200,
      async handle({ params, body }) {
        const feature = decodeClair('Feature', await body());
        if (!feature) throw malformed('failed to provide feature');
        if (feature.Name !== params.fixName) throw malformed('feature name in URL and JSON do not match');
        await vulnerabilities.putFix(nameIn(params), feature);
        return { status: 200, envelope: { Feature: feature } };
      },
    },
    {
      method: 'DELETE',
      path: ONE,
      name: 'v1/deleteFix',
      summary: 'Say that a vulnerability does not concern a feature',
      successStatus: 200,
      async handle({ params }) {
        await vulnerabilities.deleteFix(nameIn(params), params.fixName!);
        return { status: 200 };
      },
    },
  ];
}
