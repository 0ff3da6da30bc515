import { randomUUID } from 'node:crypto';
import { insertNotifications, type NewNotification } from '../../state/notification-rows.ts';
import type { State } from '../../state/state.ts';
import type { ClairVulnerability } from '../../wire/clair-v1/types.ts';
import type { OnVulnerabilityChange } from '../dependencies.ts';
import { changesBetween, type Described } from './changes.ts';

/** Makes a notification of each change that users make, in its transaction, whether a layer is concerned or not, as Clair does. */
export function tellOwnChanges(state: State, notifiers: readonly string[]): OnVulnerabilityChange {
  return async (tx, { namespace, name, old, new: now }) => {
    const changes = changesBetween(described(old), described(now));
    const notification: NewNotification = {
      ...{ name: randomUUID(), origin: 'user', namespace, vulnerability: name },
      old: old === undefined ? null : JSON.stringify(old),
      new: now === undefined ? null : JSON.stringify(now),
      changes: JSON.stringify(changes.length > 0 ? changes : [{ kind: 'metadata' }]),
    };
    await insertNotifications(state, tx, [notification], notifiers);
  };
}

const described = (vulnerability: ClairVulnerability | undefined): Described | undefined =>
  vulnerability && { vulnerability, isInKev: false };
