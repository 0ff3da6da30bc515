import { expect, onTestFinished, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../../test/start-postgres.ts';
import { startTestServer } from '../../test/start-server.ts';
import { describeState } from '../state/state.contract.ts';

const CLIENTS = 8;
const RECOVERY_MS = 5000;

/** Clients that write and read without a pause, and what they were answered. */
function startLoad(url: string) {
  const answers: { readonly status: number; readonly retryAfter: string | null; readonly text: string }[] = [];
  const taken: string[] = [];
  let isOver = false;
  const client = async (id: number): Promise<void> => {
    for (let count = 0; !isOver; count++) {
      const name = `CVE-${id}-${count}`;
      const body = JSON.stringify({ Vulnerability: { Name: name, Severity: 'Low' } });
      const paths = ['/v1/namespaces/debian:12/vulnerabilities', '/v1/namespaces', '/v1/layers/none?features'];
      for (const [index, path] of paths.entries()) {
        const posted = index === 0 ? { method: 'POST', body } : {};
        const answer = await fetch(url + path, posted);
        const { status } = answer;
        answers.push({ status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() });
        if (index === 0 && status === 201) taken.push(name);
      }
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, id) => client(id)));
  return {
    answers,
    taken,
    async end() {
      isOver = true;
      await clients;
    },
  };
}

describeState('a database that goes away', ({ dialect }) => {
  test.runIf(dialect === 'postgres')(
    'is 503 with Retry-After under load, is back within 5 s, and nothing is lost',
    { timeout: 120_000 },
    async () => {
      const postgres: PostgresServer = await startPostgres();
      onTestFinished(() => postgres.stop());
      await using server = await startTestServer({ type: 'pgsql', source: postgres.url });
      const { url, healthUrl } = server;
      const health = async () => (await fetch(`${healthUrl}/health`)).status;
      const load = startLoad(url);
      await expect.poll(() => load.taken.length, { timeout: 10_000 }).toBeGreaterThan(50);
      expect(await health()).toBe(200);

      await postgres.halt();
      const beforeCount = load.answers.length;
      await expect.poll(() => load.answers.length, { timeout: 10_000 }).toBeGreaterThan(beforeCount + 100);
      // Health tells the truth from the first question on.
      expect(await health()).toBe(500);
      expect((await fetch(`${healthUrl}/readyz`)).status).toBe(503);
      expect((await fetch(`${healthUrl}/livez`)).status).toBe(200);

      await postgres.start();
      const startedMs = performance.now();
      await expect
        .poll(async () => (await fetch(`${url}/v1/namespaces`)).status, { timeout: RECOVERY_MS, interval: 20 })
        .toBe(200);
      await expect.poll(health, { timeout: RECOVERY_MS, interval: 20 }).toBe(200);
      expect(performance.now() - startedMs).toBeLessThan(RECOVERY_MS);
      const recoveredCount = load.taken.length;
      await expect.poll(() => load.taken.length, { timeout: RECOVERY_MS }).toBeGreaterThan(recoveredCount + 20);
      await load.end();

      const others = load.answers.filter(({ status }) => ![200, 201, 404].includes(status));
      expect(others.length).toBeGreaterThan(50);
      expect(new Set(others.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(new Set(['503 5']));
      expect(new Set(others.map(({ text }) => text))).toEqual(
        new Set(['{"Error":{"Message":"the database cannot be reached now"}}\n']),
      );
      for (const name of load.taken) {
        expect([name, (await fetch(`${url}/v1/namespaces/debian:12/vulnerabilities/${name}`)).status]).toEqual([
          name,
          200,
        ]);
      }
      // An outage of thousands of requests is no thousands of stacks.
      expect(server.log.filter(({ event }) => event === 'bug')).toEqual([]);
    },
  );
});
