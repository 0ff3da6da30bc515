import { describe, expect, test } from 'vitest';
import { LeaseRegistry } from './lease-registry.ts';

const lease = { jobId: 'j', token: 't', durationMs: 10_000, sentAtMs: 1000 };

describe('LeaseRegistry', () => {
  test('half-life counts from the sending of the request', () => {
    const registry = new LeaseRegistry();
    registry.register(lease);
    expect(registry.due(5999)).toEqual([]);
    expect(registry.due(6000)).toEqual([lease]);
    expect(registry.restMs('j', 6000)).toBe(5000);
    expect(registry.restMs('j', 99_000)).toBe(0);
    expect(registry.shortestMs).toBe(10_000);
    registry.clear('j');
    expect(registry.due(99_000)).toEqual([]);
    expect(registry.shortestMs).toBeUndefined();
  });

  test('a lock is held by one at a time, in order', async () => {
    const registry = new LeaseRegistry();
    const seen: string[] = [];
    const hold = async (name: string): Promise<void> => {
      const unlock = await registry.lock('j');
      seen.push(`${name} in`);
      await Promise.resolve();
      seen.push(`${name} out`);
      unlock();
      unlock();
    };
    await Promise.all([hold('renew'), hold('report'), hold('renew again')]);
    expect(seen).toEqual(['renew in', 'renew out', 'report in', 'report out', 'renew again in', 'renew again out']);
  });

  test('locks of two leases do not meet', async () => {
    const registry = new LeaseRegistry();
    const unlock = await registry.lock('a');
    (await registry.lock('b'))();
    unlock();
  });
});
