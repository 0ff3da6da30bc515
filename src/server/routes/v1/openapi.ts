import packageJson from '../../../../package.json' with { type: 'json' };
import {
  FEATURE,
  LAYER,
  type MemberType,
  NAMESPACE,
  NOTIFICATION,
  type Shape,
  VULNERABILITY,
} from '../../../wire/clair-v1/shapes.ts';
import type { V1Route } from './v1-route.ts';

type Schema = Readonly<Record<string, unknown>>;

/** What each member of an envelope holds. */
const ENVELOPE_MEMBERS: Readonly<Record<string, Schema>> = {
  Layer: refTo(LAYER),
  Namespaces: listOrNull(NAMESPACE),
  Vulnerability: refTo(VULNERABILITY),
  Vulnerabilities: listOrNull(VULNERABILITY),
  Feature: refTo(FEATURE),
  Features: listOrNull(FEATURE),
  Notification: refTo(NOTIFICATION),
  NextPage: { type: 'string', description: 'absent on the last page' },
};

const ERROR_ANSWER = {
  description: 'what is wrong: 400 and 422 with the request, 404 there is none, 503 not now',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorEnvelope' } } },
};

/** The description of Clair's API, version 1, as OpenAPI 3.1, made from its routes and shapes. */
export function describeV1(routes: readonly V1Route[]): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: "Clair's API, version 1",
      version: packageJson.version,
      description: 'Members that are empty are left out, but a list of an envelope that is empty is null.',
    },
    servers: [{ url: '/v1' }],
    paths,
    components: { schemas: { ...shapeSchemas([LAYER, NAMESPACE, NOTIFICATION]), ErrorEnvelope: ERROR_ENVELOPE } },
  };
}

const ERROR_ENVELOPE = envelopeOf({ Error: { type: 'object', properties: { Message: { type: 'string' } } } });

function operationOf({ name, path, summary, query = {}, takes, gives, successStatus }: V1Route): Schema {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({
    ...{ name: parameter, in: 'path', required: true, schema: { type: 'string' } },
  }));
  const inQuery = Object.entries(query).map(([parameter, { help, type }]) => ({
    ...{ name: parameter, in: 'query', description: help, required: type === 'integer' },
    ...(type === 'flag' ? { allowEmptyValue: true, schema: { type: 'string' } } : { schema: { type } }),
  }));
  return {
    operationId: name.replace('v1/', ''),
    summary,
    parameters: [...inPath, ...inQuery],
    ...(takes && { requestBody: { required: true, content: jsonOf([takes]) } }),
    responses: {
      [successStatus]: { description: 'done', ...(gives && { content: jsonOf(gives) }) },
      default: ERROR_ANSWER,
    },
  };
}

const jsonOf = (members: readonly string[]): Schema => ({
  'application/json': { schema: envelopeOf(Object.fromEntries(members.map((key) => [key, ENVELOPE_MEMBERS[key]!]))) },
});

function envelopeOf(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties };
}

/** The schemas of shapes, and of those that they hold. */
function shapeSchemas(shapes: readonly Shape[], into: Record<string, Schema> = {}): Record<string, Schema> {
  for (const shape of shapes) {
    if (shape.name in into) continue;
    const members = Object.entries(shape.members).map(([key, member]) => [key, member()] as const);
    into[shape.name] = {
      type: 'object',
      properties: Object.fromEntries(members.map(([key, type]) => [key, memberSchema(type)])),
      ...(shape.always && { required: shape.always }),
    };
    shapeSchemas(
      members.flatMap(([, type]) => shapesIn(type)),
      into,
    );
  }
  return into;
}

const shapesIn = (type: MemberType): readonly Shape[] =>
  typeof type === 'string' ? [] : 'members' in type ? [type] : type;

function memberSchema(type: MemberType): Schema {
  switch (type) {
    case 'string':
      return { type: 'string' };
    case 'int':
      return { type: 'integer' };
    case 'strings':
      return { type: 'array', items: { type: 'string' } };
    case 'headers':
      return { type: 'object', additionalProperties: { type: 'string' } };
    case 'metadata':
      return { type: 'object' };
    default:
      return 'members' in type ? refTo(type) : { type: 'array', items: refTo(type[0]) };
  }
}

function refTo({ name }: Shape): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function listOrNull(shape: Shape): Schema {
  return { type: ['array', 'null'], items: refTo(shape) };
}
