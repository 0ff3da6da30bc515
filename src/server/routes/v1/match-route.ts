import type { V1Route } from './v1-route.ts';

/** What a path and a method come to. */
export type Matched =
  | { readonly route: V1Route; readonly params: Readonly<Record<string, string>> }
  | { readonly redirect: string }
  | 'method not allowed'
  | 'not found';

/**
 * Finds routes as Clair's router does: a path that would be one without its last slash, in other capitals or once cleaned of `//`,
 * `.` and `..` is redirected there; a path of other methods' routes only is "method not allowed".
 *
 * Source: https://github.com/julienschmidt/httprouter, `Router.ServeHTTP`.
 *
 * @param routes none of them may be hidden by another.
 */
export function createRouteMatcher(routes: readonly V1Route[]): (method: string, path: string) => Matched {
  const compiled = routes.map((route) => ({ route, segments: route.path.split('/').slice(1) }));
  const methods = new Set<string>(routes.map(({ method }) => method));

  const find = (path: string, accepts: (method: string) => boolean) => {
    const given = path.split('/').slice(1);
    for (const { route, segments } of compiled) {
      const params = accepts(route.method) ? match(segments, given) : undefined;
      if (params) return { route, params };
    }
    return undefined;
  };

  /** The path that was meant. */
  const corrected = (method: string, path: string): string | undefined => {
    const isOwn = (other: string) => other === method;
    const slashed = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
    if (find(slashed, isOwn)) return slashed;
    const given = cleaned(path).split('/').slice(1);
    for (const { route, segments } of compiled) {
      if (!isOwn(route.method) || segments.length !== given.length) continue;
      const meant = segments.map((segment, index) => meantBy(given[index]!, segment));
      if (meant.every((segment) => segment !== undefined)) return `/${meant.join('/')}`;
    }
    return undefined;
  };

  return (method, path) => {
    // What stands before the first slash belongs to the prefix: `/v10/namespaces` is nothing.
    if (!path.startsWith('/')) return 'not found';
    const found = find(path, (other) => other === method);
    if (found) return found;
    const redirect = methods.has(method) && path !== '/' ? corrected(method, path) : undefined;
    if (redirect !== undefined) return { redirect };
    return find(path, (other) => other !== method) ? 'method not allowed' : 'not found';
  };
}

function match(segments: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index]!;
    if (segment.startsWith(':')) {
      if (value === '') return undefined;
      params[segment.slice(1)] = value;
    } else if (value !== segment) return undefined;
  }
  return params;
}

function meantBy(given: string, segment: string): string | undefined {
  if (segment.startsWith(':')) return given === '' ? undefined : given;
  return given.toLowerCase() === segment.toLowerCase() ? segment : undefined;
}

/** Without empty segments, `.` and `..`; the last slash goes too. */
function cleaned(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return `/${kept.join('/')}`;
}
