import { ScannerError } from '../../model/errors.ts';
import { storedPackages } from '../../state/affected-layers.ts';
import {
  type ConcernedLayer,
  findNotification,
  layersOfNotification,
  layersOfPackages,
  listNotifications,
  markRead,
  SIDES,
} from '../../state/notification-rows.ts';
import type { State } from '../../state/state.ts';
import { featureNameOf, featureVersionOf } from '../../wire/clair-v1/project-feature.ts';
import { namespacesOfClair } from '../../wire/clair-v1/project-namespace.ts';
import type { ClairNotification, ClairVulnerability, ClairVulnerabilityWithLayers } from '../../wire/clair-v1/types.ts';
import type { NotificationPage, Notifications } from '../dependencies.ts';
import { readNotification, type StoredNotification } from '../notifications/stored-notification.ts';
import { fixesOf, isBelow } from '../vulnerabilities/own-vulnerability.ts';

/** Layers of a page, whatever is asked for. */
const MAX_PAGE_LAYERS = 10_000;
/** A page that begins nowhere: that side is done. */
const DONE = -1;

/** One side of a notification, as far as a page shows it. */
interface Side {
  readonly layers: readonly ConcernedLayer[];
  /** Where the next page begins. */
  readonly next: number;
}

const NOTHING: Side = { layers: [], next: DONE };

/** Notifications as Clair's API and ours show them. */
export class StoredNotifications implements Notifications {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  async get(name: string, { limit, from }: Parameters<Notifications['get']>[1]): ReturnType<Notifications['get']> {
    const notification = await this.find(name);
    const page = from ?? { old: 0, new: 0 };
    const sides = await this.#sides(notification, page, limit);
    const next: NotificationPage = { old: sides.old.next, new: sides.new.next };
    return {
      notification: wireOf(notification, sides),
      page,
      ...((next.old !== DONE || next.new !== DONE) && { next }),
    };
  }

  async delete(name: string): Promise<void> {
    if (!(await markRead(this.#state, name))) throw notFound();
  }

  /** Those that nobody has read yet, the oldest first. @param after the number of the last one seen; 0: from the beginning. */
  async list(page: { readonly after: number; readonly limit: number }): Promise<readonly StoredNotification[]> {
    return (await listNotifications(this.#state, page)).map(readNotification);
  }

  /** @throws ScannerError `resource.not-found`. */
  async find(name: string): Promise<StoredNotification> {
    const row = await findNotification(this.#state, name);
    if (row === undefined) throw notFound();
    return readNotification(row);
  }

  /** A page of the layers that brought what was (`old`) and is affected. */
  async layers(notification: StoredNotification, page: NotificationPage, limit: number) {
    return this.#sides(notification, page, limit);
  }

  async #sides(notification: StoredNotification, page: NotificationPage, limit: number) {
    const count = Math.min(limit, MAX_PAGE_LAYERS);
    const { old, new: now } = notification;
    return {
      old: old ? await this.#side(notification, 'old', { vulnerability: old, from: page.old, count }) : NOTHING,
      new: now ? await this.#side(notification, 'new', { vulnerability: now, from: page.new, count }) : NOTHING,
    };
  }

  async #side(
    { id, origin }: StoredNotification,
    side: keyof typeof SIDES,
    { vulnerability, from, count }: { vulnerability: ClairVulnerability; from: number; count: number },
  ): Promise<Side> {
    if (from === DONE || count < 0) return NOTHING;
    // One more than is shown says where the next page begins.
    const page = { from, limit: count + 1 };
    const layers =
      origin === 'user'
        ? await layersOfPackages(this.#state, await this.#packagesBelow(vulnerability), page)
        : await layersOfNotification(this.#state, id, SIDES[side], page);
    return { layers: layers.slice(0, count), next: layers[count]?.id ?? DONE };
  }

  /** What users say holds for the layers of now, also for those that were posted after the change, as in Clair. */
  async #packagesBelow(vulnerability: ClairVulnerability): Promise<readonly number[]> {
    const fixes = new Map(fixesOf(vulnerability).map(({ feature, version }) => [feature, version]));
    const found: number[] = [];
    for (const namespace of namespacesOfClair(vulnerability.NamespaceName ?? '')) {
      for (const { sourceName, sourceVersion, ...stored } of await storedPackages(this.#state, namespace, [
        ...fixes.keys(),
      ])) {
        const source = sourceName === '' ? {} : { source: { name: sourceName, version: sourceVersion } };
        const fixed = fixes.get(featureNameOf({ ...stored, ...source }));
        const version = featureVersionOf({ ...stored, ...source });
        if (fixed !== undefined && isBelow(stored.scheme, version, fixed)) found.push(stored.id);
      }
    }
    return found;
  }
}

function wireOf(
  { name, createdAtMs, notifiedAtMs, readAtMs, old, new: now }: StoredNotification,
  sides: { readonly old: Side; readonly new: Side },
): ClairNotification {
  return {
    Name: name,
    Created: secondsOf(createdAtMs),
    ...(notifiedAtMs !== undefined && { Notified: secondsOf(notifiedAtMs) }),
    ...(readAtMs !== undefined && { Deleted: secondsOf(readAtMs) }),
    ...(old && { Old: withLayers(old, sides.old) }),
    ...(now && { New: withLayers(now, sides.new) }),
  };
}

const secondsOf = (ms: number): string => String(Math.floor(ms / 1000));

function withLayers(Vulnerability: ClairVulnerability, { layers }: Side): ClairVulnerabilityWithLayers {
  return {
    Vulnerability,
    OrderedLayersIntroducingVulnerability: layers.map(({ id, name }) => ({ Index: id, LayerName: name })),
    LayersIntroducingVulnerability: layers.map(({ name }) => name),
  };
}

function notFound(): ScannerError {
  return new ScannerError('resource.not-found', 'there is no such notification');
}
