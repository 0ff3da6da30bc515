import { describe, expect, test } from 'vitest';
import { type ErrorCode, ScannerError } from '../model/errors.ts';
import type { JobsClient } from '../wire/jobs-v1/client.ts';
import type { LeaseAnswer } from '../wire/jobs-v1/schemas.ts';
import type { RunnerClock } from './runner-clock.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';
import { idOf, type WorkContext, type WorkEnd, type Workers } from './workers.ts';

/**
 * A runner's world in which time passes only while the supervisor waits. What happens is written down, with its second:
 * `5 lease scan,update` and so on.
 */
class World {
  nowMs = 0;
  readonly trace: string[] = [];
  readonly lines: string[] = [];
  /** What the server has; each question for work takes one. */
  pending: LeaseAnswer[] = [];
  leaseSeconds = 60;
  hasSnapshot = true;
  /** Throws instead of answering. */
  failing: Partial<Record<'lease' | 'renew' | 'release' | 'result', ErrorCode | undefined>> = {};
  readonly #events: { readonly atMs: number; readonly act: () => void }[] = [];
  readonly #running = new Map<string, { readonly context: WorkContext; readonly end: (end: WorkEnd) => void }>();
  readonly options: SupervisorOptions;
  readonly supervisor: Supervisor;

  constructor(options: Partial<SupervisorOptions> & { readonly workerCount?: number } = {}) {
    const { workerCount = 2, ...more } = options;
    const log = (message: string): void => void this.lines.push(message);
    let requestCount = 0;
    this.options = {
      client: this.#client(),
      workers: this.#workers(workerCount),
      clock: this.#clock(),
      log: { info: log, warn: log, error: log },
      newRequestId: () => `q${++requestCount}`,
      pollingDelayMs: 5000,
      updatePeriodMs: 3_600_000,
      hasSnapshot: () => this.hasSnapshot,
      ...more,
    };
    this.supervisor = new Supervisor(this.options);
  }

  /** Does something when a second has come. */
  at(second: number, act: () => void): this {
    this.#events.push({ atMs: second * 1000, act });
    this.#events.sort((a, b) => a.atMs - b.atMs);
    return this;
  }

  /** The end of a job. */
  ends(second: number, id: string, end: WorkEnd = { kind: 'done' }): this {
    return this.at(second, () => this.#running.get(id)?.end(end));
  }

  runs = (id: string): boolean => this.#running.has(id);
  contextOf = (id: string): WorkContext => this.#running.get(id)!.context;

  note(what: string): void {
    this.trace.push(`${Math.floor(this.nowMs / 1000)} ${what}`);
  }

  #clock(): RunnerClock {
    return {
      nowMs: () => this.nowMs,
      random: () => 0.5,
      sleep: async (ms, signal) => {
        const untilMs = this.nowMs + ms;
        for (;;) {
          await turns();
          if (signal.aborted) return;
          const next = this.#events[0];
          if (!next || next.atMs > untilMs) break;
          this.#events.shift();
          this.nowMs = Math.max(this.nowMs, next.atMs);
          next.act();
        }
        this.nowMs = untilMs;
      },
    };
  }

  #workers(count: number): Workers {
    const running = this.#running;
    return {
      get idleCount() {
        return count - running.size;
      },
      start: (work, context) => {
        const id = idOf(work);
        this.note(`start ${id}`);
        return new Promise((resolve) => {
          const end = (how: WorkEnd): void => {
            running.delete(id);
            this.note(`end ${id}`);
            resolve(how);
          };
          running.set(id, { context, end });
        });
      },
      kill: (id) => running.get(id)?.end({ kind: 'crashed', reason: 'killed', isOutOfMemory: false }),
      close: async () => {
        for (const { end } of [...running.values()]) end({ kind: 'crashed', reason: 'killed', isOutOfMemory: false });
      },
    };
  }

  #client(): JobsClient {
    const fail = (call: keyof World['failing']): void => {
      const code = this.failing[call];
      if (code) throw new ScannerError(code, `${call} fails`);
    };
    return {
      lease: async ({ types, request_id: id, wait_seconds: wait }) => {
        this.note(`lease ${id} ${types} ${wait}`);
        fail('lease');
        return this.pending.shift();
      },
      renew: async ({ id, token }, { timeoutMs }) => {
        this.note(`renew ${id} ${token} ${timeoutMs}`);
        fail('renew');
      },
      release: async ({ id, token }, { timeoutMs }) => {
        this.note(`release ${id} ${token} ${timeoutMs}`);
        fail('release');
      },
      result: async ({ id, token }, result) => {
        this.note(
          `result ${id} ${token} ${result.status === 'failed' ? `${result.error.code} ${result.error.retryable}` : ''}`,
        );
        fail('result');
      },
    } as Partial<JobsClient> as JobsClient;
  }

  job(id: string, seconds = this.leaseSeconds): LeaseAnswer {
    const time = '2026-08-01T00:00:00Z';
    return {
      job: { id, attempt: 1, deadline: time, type: 'scan', target: { kind: 'sbom', sha256: '' }, options: {} },
      lease: { token: `t-${id}`, expires_at: time, duration_seconds: seconds },
    };
  }

  /** Lines of the trace about something, without their seconds. */
  about = (what: RegExp): string[] => this.trace.filter((line) => what.test(line));
}

/** Lets everything that waits for nothing but promises go on. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const crashed: WorkEnd = { kind: 'crashed', reason: 'the worker was ended by SIGSEGV', isOutOfMemory: false };

describe('the supervisor loop', () => {
  test('before looping: an update job is put in the queue and its lease in the registry', async () => {
    const world = new World().at(12, () => world.supervisor.terminate());
    await world.supervisor.run();
    expect(world.trace[0]).toBe('0 start update-1');
    // A local lease: nobody is asked for it, and nobody is told of its end.
    expect(world.about(/renew|release|result/)).toEqual([]);
  });

  describe('1. stop if interrupted', () => {
    test('SIGINT is graceful: no new jobs, what runs is finished, renewed and reported', async () => {
      const world = new World().ends(1, 'update-1').ends(50, 'a');
      world.pending = [world.job('a')];
      world.at(8, () => world.supervisor.interrupt());
      world.at(9, () => world.pending.push(world.job('b')));
      expect(await world.supervisor.run()).toBe('interrupted');
      expect(world.about(/lease/).filter((line) => Number.parseInt(line, 10) > 8)).toEqual([]);
      expect(world.about(/renew/)).toEqual(['30 renew a t-a 30000']);
      expect(world.trace.at(-1)).toBe('50 end a');
    });

    test('SIGTERM is immediate: workers are ended, leases given back within 2 s', async () => {
      const world = new World().ends(1, 'update-1');
      world.pending = [world.job('a'), world.job('b')];
      world.at(8, () => world.supervisor.terminate());
      expect(await world.supervisor.run()).toBe('terminated');
      expect(world.trace.slice(-4)).toEqual(['8 end a', '8 end b', '8 release a t-a 2000', '8 release b t-b 2000']);
    });

    test('a second SIGINT is a SIGTERM', async () => {
      const world = new World().ends(1, 'update-1');
      world.pending = [world.job('a')];
      world.at(8, () => world.supervisor.interrupt()).at(20, () => world.supervisor.interrupt());
      expect(await world.supervisor.run()).toBe('terminated');
      expect(world.trace.at(-1)).toBe('20 release a t-a 2000');
    });

    const stages: readonly [shows: string, second: number, prepare: (world: World) => void][] = [
      ['while nothing runs', 8, (world) => world.ends(1, 'update-1')],
      ['while the first update runs', 2, (world) => world.ends(9, 'update-1')],
      ['while a job runs', 8, (world) => world.ends(1, 'update-1').ends(20, 'a').pending.push(world.job('a'))],
      [
        'while more jobs than workers are there',
        8,
        (world) => world.ends(1, 'update-1').ends(20, 'a').ends(30, 'b').pending.push(world.job('a'), world.job('b')),
      ],
      [
        'while the server does not answer',
        8,
        (world) => {
          world.ends(1, 'update-1');
          world.failing.lease = 'endpoint.unreachable';
        },
      ],
    ];
    for (const [shows, second, prepare] of stages) {
      test(`SIGINT ${shows}: all that was begun comes to its end`, async () => {
        const world = new World();
        prepare(world);
        world.at(second, () => world.supervisor.interrupt());
        expect(await world.supervisor.run()).toBe('interrupted');
        expect(world.about(/end/)).toHaveLength(world.about(/start/).length);
        expect(world.about(/release/)).toEqual([]);
      });

      test(`SIGTERM ${shows}: every lease is given back, and nothing reported`, async () => {
        const world = new World();
        prepare(world);
        world.at(second, () => world.supervisor.terminate());
        expect(await world.supervisor.run()).toBe('terminated');
        const held = world.about(/start [ab]/).length;
        expect(world.about(/release/)).toHaveLength(held);
        expect(world.about(/result/)).toEqual([]);
      });
    }

    test('an answer that was asked for is not waited for', async () => {
      const world = new World({ workerCount: 1 });
      let aborted = false;
      const client = {
        lease: (_: unknown, { signal }: { signal?: AbortSignal }) =>
          new Promise<undefined>((_, reject) => {
            signal?.addEventListener('abort', () => {
              aborted = true;
              reject(signal.reason);
            });
            setImmediate(() => supervisor.interrupt());
          }),
      } as Partial<JobsClient> as JobsClient;
      const supervisor = new Supervisor({ ...world.options, client });
      world.ends(0, 'update-1');
      expect(await supervisor.run()).toBe('interrupted');
      expect(aborted).toBe(true);
    });
  });

  describe('2. only if a worker is idle, ask the jobs API for work', () => {
    test('if a job is pending, it is queued and its lease registered', async () => {
      const world = new World().ends(0, 'update-1').at(70, () => world.supervisor.terminate());
      world.pending = [world.job('a')];
      await world.supervisor.run();
      expect(world.trace.slice(0, 3)).toEqual(['0 start update-1', '0 lease q1 scan,update 2.5', '0 start a']);
      // Registered: renewed at half its time, and given back at the end.
      expect(world.about(/renew|release/)).toEqual([
        '30 renew a t-a 30000',
        '60 renew a t-a 30000',
        '70 release a t-a 2000',
      ]);
    });

    test('no worker is idle: nobody asks', async () => {
      const world = new World({ workerCount: 1 }).ends(20, 'update-1').at(24, () => world.supervisor.terminate());
      await world.supervisor.run();
      expect(world.about(/lease/)).toEqual(['20 lease q1 scan,update 2.5']);
    });

    test('the delay is skipped while the last request brought a job and a worker is still idle', async () => {
      const world = new World({ workerCount: 3 }).ends(1, 'update-1').at(3, () => world.supervisor.terminate());
      world.pending = [world.job('a'), world.job('b')];
      await world.supervisor.run();
      expect(world.about(/start/)).toEqual(['0 start update-1', '0 start a', '0 start b']);
    });

    test('the delay is cut short when a worker ends', async () => {
      const world = new World({ workerCount: 1 }).ends(2, 'update-1').at(3, () => world.supervisor.terminate());
      world.pending = [world.job('a')];
      await world.supervisor.run();
      expect(world.about(/start a/)).toEqual(['2 start a']);
    });

    test('a long poll lasts at most a quarter of the shortest lease', async () => {
      const world = new World().ends(1, 'update-1').at(7, () => world.supervisor.terminate());
      world.pending = [world.job('a', 40)];
      await world.supervisor.run();
      expect(world.about(/lease/).slice(0, 2)).toEqual(['0 lease q1 scan,update 2.5', '1 lease q2 scan,update 10']);
    });

    test('nor of the last lease that was granted, or of the least, before there was one', async () => {
      const world = new World()
        .ends(0, 'update-1')
        .ends(1, 'a')
        .at(9, () => world.supervisor.terminate());
      world.pending = [world.job('a', 40)];
      await world.supervisor.run();
      expect(world.about(/lease/)).toEqual([
        '0 lease q1 scan,update 2.5',
        '0 lease q2 scan,update 10',
        '1 lease q3 scan,update 10',
        '6 lease q4 scan,update 10',
      ]);
    });

    test('until a snapshot exists no scans are asked for, and no poll is long', async () => {
      const world = new World().at(12, () => world.supervisor.terminate());
      world.hasSnapshot = false;
      world.ends(7, 'update-1').at(6.9, () => {
        world.hasSnapshot = true;
      });
      await world.supervisor.run();
      expect(world.about(/lease/)).toEqual([
        '0 lease q1 update 0',
        '5 lease q2 update 0',
        '7 lease q3 scan,update 2.5',
      ]);
    });

    test('a question whose answer was lost is asked again by the same name', async () => {
      const world = new World().ends(0, 'update-1').at(40, () => world.supervisor.terminate());
      world.failing.lease = 'endpoint.unreachable';
      world.at(4, () => {
        world.failing.lease = undefined;
        world.pending = [world.job('a')];
      });
      await world.supervisor.run();
      expect(world.about(/lease/).slice(0, 3)).toEqual([
        '0 lease q1 scan,update 2.5',
        '5 lease q1 scan,update 2.5',
        '5 lease q2 scan,update 15',
      ]);
      expect(world.about(/renew/)).toEqual(['35 renew a t-a 30000']);
      expect(world.lines).toContain('the server answers again');
    });

    test('a server that cannot be reached is asked ever more seldom, up to once a minute', async () => {
      const world = new World({ pollingDelayMs: 1000 }).ends(0, 'update-1').at(400, () => world.supervisor.terminate());
      world.failing.lease = 'endpoint.unreachable';
      await world.supervisor.run();
      const seconds = world.about(/lease/).map((line) => Number.parseInt(line, 10));
      const gaps = seconds.slice(1).map((second, index) => second - seconds[index]!);
      expect(gaps.slice(0, 4)).toEqual([1, 2, 3, 6]);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(60);
      expect(world.lines.at(-2)).toMatch(/^cannot ask for work since \d+ s: lease fails$/);
    });
  });

  describe('3. extend every lease that needs it: half of its allotted time has gone', () => {
    test('by its lock, with the rest of the lease as the longest time', async () => {
      const world = new World().ends(0, 'update-1').at(46, () => world.supervisor.terminate());
      world.pending = [world.job('a')];
      let unlock = (): void => {};
      world.at(29, async () => {
        unlock = (await world.contextOf('a').lock()).unlock;
      });
      world.at(31, () => world.note('worker still reports')).at(31.5, () => unlock());
      await world.supervisor.run();
      expect(world.about(/renew|reports/)).toEqual(['31 worker still reports', '31 renew a t-a 28500']);
    });

    test('in time where the polling delay is longer than the lease', async () => {
      const world = new World({ pollingDelayMs: 60_000 })
        .ends(0, 'update-1')
        .at(17, () => world.supervisor.terminate());
      world.pending = [world.job('a', 10)];
      await world.supervisor.run();
      expect(world.about(/renew/)).toEqual(['5 renew a t-a 5000', '10 renew a t-a 5000', '15 renew a t-a 5000']);
    });

    test('a lease that is lost ends its worker, and nobody is told', async () => {
      const world = new World().ends(0, 'update-1').at(40, () => world.supervisor.terminate());
      world.pending = [world.job('a')];
      world.failing.renew = 'job.cancelled';
      await world.supervisor.run();
      expect(world.about(/ a/)).toEqual(['0 start a', '30 renew a t-a 30000', '30 end a']);
      expect(world.lines).toContain('job a: given up: renew fails');
    });

    test('a server that does not answer is asked again, until the lease is over', async () => {
      const world = new World().ends(0, 'update-1').at(90, () => world.supervisor.terminate());
      world.pending = [world.job('a')];
      world.failing.renew = 'endpoint.unreachable';
      await world.supervisor.run();
      expect(world.about(/renew/).length).toBeGreaterThan(2);
      expect(world.lines).toContain('job a: given up: the lease ran out before it could be renewed');
      expect(world.about(/end a/)).toEqual([expect.stringMatching(/^6\d /)]);
      expect(world.about(/release|result/)).toEqual([]);
    });
  });

  describe('4. if the update period has elapsed, queue another update job and register its lease', () => {
    test('counted from the end of the last one', async () => {
      const world = new World({ updatePeriodMs: 60_000 })
        .ends(10, 'update-1')
        .ends(80, 'update-2')
        .at(100, () => world.supervisor.terminate());
      await world.supervisor.run();
      expect(world.about(/start/)).toEqual(['0 start update-1', '70 start update-2']);
    });

    test('none starts while one runs', async () => {
      const world = new World({ updatePeriodMs: 10_000 }).at(100, () => world.supervisor.terminate());
      await world.supervisor.run();
      expect(world.about(/start/)).toEqual(['0 start update-1']);
    });

    test('one that failed is tried again after 1 min, doubling to 1 h', async () => {
      const world = new World({ pollingDelayMs: 20_000 });
      const starts = (): number[] => world.about(/start/).map((line) => Number.parseInt(line, 10));
      for (let count = 1; count < 9; count++) {
        for (let second = 1; second < 20_000; second += 19)
          world.ends(second, `update-${count}`, { kind: 'done', failure: 'no network' });
      }
      world.at(18_000, () => world.supervisor.terminate());
      await world.supervisor.run();
      const gaps = starts()
        .slice(1)
        .map((second, index) => Math.round((second - starts()[index]!) / 60));
      expect(gaps.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 32, 60]);
      expect(world.lines).toContain('the data sources could not be updated: no network');
    }, 30_000);
  });

  test('5. wait the polling delay', async () => {
    const world = new World().ends(0, 'update-1').at(16, () => world.supervisor.terminate());
    await world.supervisor.run();
    expect(world.about(/lease/).map((line) => Number.parseInt(line, 10))).toEqual([0, 0, 5, 10, 15]);
  });
});

describe('a worker that crashed', () => {
  test('is reported by the supervisor, by the lease; the job may be tried again', async () => {
    const world = new World()
      .ends(1, 'update-1')
      .ends(3, 'a', crashed)
      .at(9, () => world.supervisor.terminate());
    world.pending = [world.job('a')];
    await world.supervisor.run();
    expect(world.about(/result/)).toEqual(['3 result a t-a worker.crashed true']);
    expect(world.about(/release/)).toEqual([]);
  });

  test('of memory is not tried again', async () => {
    const world = new World().ends(1, 'update-1').at(9, () => world.supervisor.terminate());
    world.ends(3, 'a', { ...crashed, isOutOfMemory: true } as WorkEnd);
    world.pending = [world.job('a')];
    await world.supervisor.run();
    expect(world.about(/result/)).toEqual(['3 result a t-a worker.out-of-memory false']);
  });

  test('while it held the lock frees it', async () => {
    const world = new World()
      .ends(1, 'update-1')
      .ends(4, 'a', crashed)
      .at(9, () => world.supervisor.terminate());
    world.pending = [world.job('a')];
    world.at(2, () => void world.contextOf('a').lock());
    await world.supervisor.run();
    expect(world.about(/result/)).toEqual(['4 result a t-a worker.crashed true']);
  });

  test('fails that job only', async () => {
    const world = new World()
      .ends(1, 'update-1')
      .ends(3, 'a', crashed)
      .ends(8, 'b')
      .at(9, () => world.supervisor.terminate());
    world.pending = [world.job('a'), world.job('b')];
    await world.supervisor.run();
    expect(world.about(/end b|release/)).toEqual(['8 end b']);
  });
});

describe('--once', () => {
  test('ends when the server has no more jobs and all are done', async () => {
    const world = new World({ once: true }).ends(1, 'update-1').ends(20, 'a');
    world.pending = [world.job('a')];
    expect(await world.supervisor.run()).toBe('drained');
    expect(world.trace.at(-1)).toMatch(/^20 lease/);
  });

  test('without a snapshot is an error, as nothing could be asked for', async () => {
    const world = new World({ once: true }).ends(1, 'update-1', { kind: 'done', failure: 'no network' });
    world.hasSnapshot = false;
    await expect(world.supervisor.run()).rejects.toMatchObject({ code: 'database.missing' });
  });

  test('a token that is refused is an error at once', async () => {
    const world = new World({ once: true });
    world.failing.lease = 'token.invalid';
    await expect(world.supervisor.run()).rejects.toMatchObject({ code: 'token.invalid' });
  });
});

test('a heartbeat is given every turn', async () => {
  let beatCount = 0;
  const world = new World({ beat: () => void beatCount++ })
    .ends(0, 'update-1')
    .at(16, () => world.supervisor.terminate());
  await world.supervisor.run();
  expect(beatCount).toBeGreaterThanOrEqual(4);
});
