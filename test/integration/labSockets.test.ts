import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { startLab } from '../lab/lab.ts';
import type { Mode } from '../lab/modes.ts';
import { tlsIdentity } from '../lab/tls.ts';

const tls = await tlsIdentity('private-ca');

type Opener = (port: number) => { opened: Promise<unknown>; close(): void; reset(): void };

const openers: Record<string, Opener> = {
  'plain sockets': (port) => {
    const socket = connectTcp(port, '127.0.0.1');
    return {
      opened: once(socket, 'connect'),
      close: () => socket.destroy(),
      reset: () => socket.resetAndDestroy(),
    };
  },
  'TLS sockets': (port) => {
    const tcp = connectTcp(port, '127.0.0.1');
    const socket = connectTls({ socket: tcp, host: '127.0.0.1', ca: tls.ca, ALPNProtocols: ['http/1.1'] });
    socket.on('error', () => {});
    return {
      opened: once(socket, 'secureConnect'),
      close: () => socket.destroy(),
      reset: () => tcp.resetAndDestroy(),
    };
  },
  'HTTP/2 sessions': (port) => {
    const tcp = connectTcp(port, '127.0.0.1');
    const socket = connectTls({ socket: tcp, host: '127.0.0.1', ca: tls.ca, ALPNProtocols: ['h2'] });
    const session = connectHttp2(`https://127.0.0.1:${port}`, { createConnection: () => socket });
    session.on('error', () => {});
    return {
      opened: once(session, 'remoteSettings'),
      close: () => socket.destroy(),
      reset: () => tcp.resetAndDestroy(),
    };
  },
};

describe.each(Object.entries(openers))('%s, counted by the lab', (kind, open) => {
  const options = kind === 'plain sockets' ? {} : { tls, http2: true };

  test.each(['close', 'reset'] as const)('one at a time (%s) is never two', async (how) => {
    await using lab = await startLab(options);
    const port = Number(new URL(lab.url).port);
    let last: ReturnType<Opener> | undefined;
    for (let n = 1; n <= 20; n += 1) {
      // In one turn: the next one is on its way before the server could look at the end of the last.
      last?.[how]();
      last = open(port);
      await last.opened;
    }
    last?.close();
    await lab.waitFor(({ counts }) => counts.closed === 20 && counts.maxOpen > 0);
    expect(lab.counts).toMatchObject({ accepted: 20, open: 0, closed: 20, maxOpen: 1 });
  });

  test('three at a time are three', async () => {
    await using lab = await startLab(options);
    const port = Number(new URL(lab.url).port);
    const three = [open(port), open(port), open(port)];
    await Promise.all(three.map(({ opened }) => opened));
    await lab.waitFor(({ counts }) => counts.open === 3 && counts.maxOpen === 3);
    for (const one of three) one.close();
    await lab.waitFor(({ counts }) => counts.closed === 3);
    expect(lab.counts).toMatchObject({ accepted: 3, open: 0, maxOpen: 3 });
  });
});

test.each([false, true])(
  'a client that has closed its side is gone, whatever the lab still has to say to it (TLS: %s)',
  async (overTls) => {
    const talk: Mode = ({ reply }) => reply.write(reply.opening(), 'x'.repeat(32 * 1024 * 1024));
    await using lab = await startLab({ mode: talk, on: ['GET'], ...(overTls && { tls }) });
    const at = { port: Number(new URL(lab.url).port), host: '127.0.0.1' };
    const socket = overTls ? connectTls({ ...at, ca: tls.ca }) : connectTcp(at);
    await once(socket, overTls ? 'secureConnect' : 'connect');
    socket.pause();
    socket.end('GET /mcp HTTP/1.1\r\nHost: lab\r\n\r\n');
    await lab.waitFor(({ counts }) => counts.requests === 1 && counts.open === 0);
    socket.destroy();
  },
);
