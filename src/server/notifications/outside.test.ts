import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../test/certificates.ts';
import { NotifierOutside } from './outside.ts';

const { signal } = new AbortController();
const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function outside(): NotifierOutside {
  const made = new NotifierOutside(() => 0);
  cleanUps.push(() => made.closeConnections());
  return made;
}

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(async () => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** An HTTP server, and the requests that it got: `POST /hook content-type body`. */
async function receiver(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      requests.push([request.method, request.url, request.headers['content-type'], body].join(' '));
      answer(request, response);
    });
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, requests, server };
}

describe('post', () => {
  test('sends JSON, and tells the status', async () => {
    const { url, requests } = await receiver((_, response) => response.writeHead(202).end('thanks'));
    expect(await outside().post({ url: `${url}/hook`, body: '{"a":1}', headers: { 'x-a': 'b' } }, signal)).toEqual({
      status: 202,
    });
    expect(requests).toEqual(['POST /hook application/json {"a":1}']);
  });

  test('follows a redirect that keeps the method', async () => {
    const { url, requests } = await receiver(({ url: path }, response) =>
      path === '/hook' ? response.writeHead(307, { location: '/moved' }).end() : response.writeHead(200).end(),
    );
    expect(await outside().post({ url: `${url}/hook`, body: '{}' }, signal)).toEqual({ status: 200 });
    expect(requests).toEqual(['POST /hook application/json {}', 'POST /moved application/json {}']);
  });

  test('sends the user and the password of the address as a header, and tells nobody of them', async () => {
    const heard: (string | undefined)[] = [];
    const { server, url } = await receiver(({ headers }, response) => {
      heard.push(headers.authorization);
      response.end();
    });
    const address = `${url.replace('//', '//clair:s3cret@')}/hook`;
    expect(await outside().post({ url: address, body: '{}' }, signal)).toEqual({ status: 200 });
    expect(heard).toEqual([`Basic ${Buffer.from('clair:s3cret').toString('base64')}`]);
    server.close();
    server.closeAllConnections();
    await expect(outside().post({ url: address, body: '{}' }, signal)).rejects.toThrow(/^(?!.*s3cret).*ECONNREFUSED/);
  });

  test('says that nobody answers, without the address', async () => {
    const { server, url } = await receiver(() => {});
    server.close();
    await expect(outside().post({ url: `${url}/s3cret`, body: '{}' }, signal)).rejects.toThrow(
      /^(?!.*s3cret).*ECONNREFUSED/,
    );
  });

  test('ends when it is stopped', async () => {
    const { url } = await receiver(() => {});
    await expect(outside().post({ url, body: '{}' }, AbortSignal.timeout(50))).rejects.toThrow();
  });

  test('goes through a proxy, which is asked with the whole address', async () => {
    const proxy = await receiver((_, response) => response.writeHead(200).end());
    const message = { url: 'http://example.invalid/hook', body: '{}', via: { proxy: proxy.url } };
    expect(await outside().post(message, signal)).toEqual({ status: 200 });
    expect(proxy.requests).toEqual(['POST http://example.invalid/hook application/json {}']);
  });
});

describe('post over TLS', () => {
  const [authority, stranger] = [makeCertificate('authority'), makeCertificate('stranger')];
  const [host, client] = [makeCertificate('hooks.example.org', authority), makeCertificate('client', authority)];

  /** A receiver that asks for a client's certificate, and files as the configuration names them. */
  async function receiver() {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-tls-'));
    cleanUps.push(() => rmSync(directory, { recursive: true }));
    const file = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const options = { cert: host.cert, key: host.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
    const server = createTlsServer(options, (request, response) => request.resume().on('end', () => response.end()));
    return {
      url: `https://127.0.0.1:${await listen(server)}/`,
      caFile: file('ca.pem', authority.cert),
      tls: { certFile: file('client.pem', client.cert), keyFile: file('client.key', client.key) },
      strangersCaFile: file('stranger.pem', stranger.cert),
      file,
    };
  }

  test('shows its certificate to a server whose certificate has the configured name', async () => {
    const { url, caFile, tls } = await receiver();
    const via = { caFile, tls, serverName: 'hooks.example.org' };
    expect(await outside().post({ url, body: '{}', via }, signal)).toEqual({ status: 200 });
  });

  test('trusts no other authority, no other name, and is not trusted without a certificate', async () => {
    const { url, caFile, tls, strangersCaFile } = await receiver();
    const serverName = 'hooks.example.org';
    for (const via of [
      { tls, serverName, caFile: strangersCaFile },
      { tls, caFile, serverName: 'other' },
      { caFile, serverName },
    ])
      await expect(outside().post({ url, body: '{}', via }, signal)).rejects.toThrow();
  });

  test('reads certificates again once a connection failed', async () => {
    const { url, caFile, tls, file } = await receiver();
    const via = { caFile, tls, serverName: 'hooks.example.org' };
    const once = outside();
    file('ca.pem', stranger.cert);
    await expect(once.post({ url, body: '{}', via }, signal)).rejects.toThrow();
    file('ca.pem', authority.cert);
    expect(await once.post({ url, body: '{}', via }, signal)).toEqual({ status: 200 });
  });
});

describe('run', () => {
  const node = (script: string) => [process.execPath, '-e', script];

  test('gives a program its input, without a shell', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-command-'));
    cleanUps.push(() => rmSync(directory, { recursive: true }));
    const file = join(directory, '$(file) a');
    const script = 'require("fs").writeFileSync(process.argv[1], require("fs").readFileSync(0))';
    await outside().run([...node(script), file], '{"a":1}\n', signal);
    expect(readFileSync(file, 'utf8')).toBe('{"a":1}\n');
  });

  const failures = [
    [node('console.error("no room"); process.exitCode = 3'), /ended with 3: no room$/],
    [['/nonexistent/program'], /ENOENT/],
    [node('process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 10000)'), /ended with SIGTERM$/],
  ] as const;
  for (const [command, message] of failures)
    test(`says that it failed: ${message}`, async () => {
      await expect(outside().run(command, 'x'.repeat(1_000_000), signal)).rejects.toThrow(message);
    });

  test('ends a program that does not end', async () => {
    const running = outside().run(node('setInterval(() => {}, 1000)'), '', AbortSignal.timeout(100));
    await expect(running).rejects.toThrow();
  });
});

describe('mail', () => {
  /** Just enough of SMTP (RFC 5321) to take a mail, or to refuse it. */
  async function smtpServer(rcptAnswer: string) {
    const mails: string[] = [];
    const server = createTcpServer((socket) => {
      let [isData, mail] = [false, ''];
      socket.on('error', () => {});
      socket.setEncoding('utf8').write('220 test ESMTP\r\n');
      let waiting = '';
      socket.on('data', (text: string) => {
        waiting += text;
        for (let end = waiting.indexOf('\r\n'); end >= 0; end = waiting.indexOf('\r\n')) {
          const line = waiting.slice(0, end);
          waiting = waiting.slice(end + 2);
          if (isData && line !== '.') mail += `${line}\n`;
          else socket.write(`${answerOf(line)}\r\n`);
        }
      });
      const answerOf = (line: string): string => {
        if (line === '.') {
          mails.push(mail);
          isData = false;
          return '250 taken';
        }
        if (/^DATA/i.test(line)) isData = true;
        if (/^RCPT/i.test(line)) return rcptAnswer;
        return isData ? '354 go on' : /^QUIT/i.test(line) ? '221 bye' : '250 ok';
      };
    });
    return { mails, url: `smtp://127.0.0.1:${await listen(server)}` };
  }

  const message = {
    from: 'cvescan@example.org',
    to: ['a@example.org', 'b@example.org'],
    subject: 'Änderung',
    text: 'one\ntwo\n',
  };

  test('is taken by an SMTP server', async () => {
    const { mails, url } = await smtpServer('250 ok');
    await outside().mail({ server: url, ...message }, signal);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain('To: a@example.org, b@example.org');
    expect(mails[0]).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(mails[0]).toContain('one\ntwo\n');
  });

  test('that a server refuses is an error', async () => {
    const { url } = await smtpServer('550 who is that');
    await expect(outside().mail({ server: url, ...message }, signal)).rejects.toThrow('550 who is that');
  });

  test('ends when it is stopped', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => {}));
    const server = `smtp://127.0.0.1:${await listen(silent)}`;
    await expect(outside().mail({ server, ...message }, AbortSignal.timeout(50))).rejects.toThrow();
  });
});
