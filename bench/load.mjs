// A load generator over loopback: so many keep-alive connections, each with one request at a time.
import { connect } from 'node:net';

/**
 * Sends requests until so many are answered.
 *
 * @param options `requestOf(n)` gives the n-th: method, path, body; `connections`, `requests`.
 * @returns requests a second, the 99th percentile in milliseconds, and how many were not answered with 2xx.
 */
export async function load(base, { requestOf, connections, requests }) {
  const { hostname, port, host } = new URL(base);
  const latencies = [];
  let [sent, failed] = [0, 0];
  const start = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const answers = answersOf(socket);
      while (sent < requests) {
        const { method, path, body } = requestOf(sent++);
        const begun = performance.now();
        socket.write(messageOf({ method, path, body, host }));
        const { value: status } = await answers.next();
        latencies.push(performance.now() - begun);
        if (!(status >= 200 && status < 300)) failed++;
      }
      socket.destroy();
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  latencies.sort((a, b) => a - b);
  return { perSecond: requests / seconds, p99Ms: latencies[Math.floor(latencies.length * 0.99)], failed };
}

function messageOf({ method, path, body, host }) {
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** The status of each answer, once its body is there; it must state its length. */
async function* answersOf(socket) {
  let head = '';
  let missing = 0;
  let status = 0;
  for await (const chunk of socket) {
    let at = 0;
    while (at < chunk.length) {
      if (missing > 0) {
        const taken = Math.min(missing, chunk.length - at);
        missing -= taken;
        at += taken;
        if (missing === 0) yield status;
        continue;
      }
      const before = head.length;
      head += chunk.latin1Slice(at);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) break;
      at += end + 4 - before;
      status = Number(head.slice(9, 12));
      missing = Number(/\r\ncontent-length: (\d+)/i.exec(head.slice(0, end))?.[1]);
      if (Number.isNaN(missing)) throw new Error(`an answer without its length: ${head.slice(0, end)}`);
      head = '';
      if (missing === 0) yield status;
    }
  }
  throw new Error('the server closed a connection');
}
