import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the connections of a server. At the limit the connection that has been without a request for longest is closed for a new
 * one, so whoever opens thousands and says nothing keeps nobody out; when all are busy the new one is closed.
 *
 * @param onRefusal is told which of the two happened. @returns closes all connections that are without a request.
 */
export function limitConnections(
  server: Server,
  maxConnections: number,
  onRefusal: (what: 'idle closed' | 'new closed', remote: string) => void,
): () => void {
  // By address and port: a TLS connection shows itself as two sockets of the same peer.
  const open = new Map<string, Socket>();
  /** Those without a request, the longest idle first. */
  const idle = new Set<string>();

  const add = (socket: Socket): void => {
    const key = keyOf(socket);
    if (open.size >= maxConnections && !open.has(key)) {
      const [oldest] = idle;
      if (oldest === undefined) {
        onRefusal('new closed', socket.remoteAddress ?? '');
        socket.destroy();
        return;
      }
      const victim = open.get(oldest)!;
      onRefusal('idle closed', victim.remoteAddress ?? '');
      forget(oldest, victim);
      victim.destroy();
    }
    open.set(key, socket);
    idle.add(key);
    socket.once('close', () => forget(key, socket));
  };

  const forget = (key: string, socket: Socket): void => {
    if (open.get(key) !== socket) return;
    open.delete(key);
    idle.delete(key);
  };

  server.on('connection', add);
  server.on('secureConnection', add);
  server.on('request', ({ socket }, response) => {
    const key = keyOf(socket);
    idle.delete(key);
    response.once('close', () => {
      if (open.get(key) === socket) idle.add(key);
    });
  });
  // Node's own `closeIdleConnections` leaves those that never said anything.
  return () => {
    for (const key of idle) open.get(key)?.destroy();
  };
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
