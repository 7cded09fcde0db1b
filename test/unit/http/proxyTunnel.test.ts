import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { originOf } from '../../../src/core/http/origin.ts';
import { openTunnel } from '../../../src/core/http/proxyTunnel.ts';

it.each([
  ['of 16 KiB opens the tunnel', 16_384, undefined],
  ['of more is given up', 16_385, 'proxy-failed'],
])('the answer of a proxy %s', async (_, bytes, code) => {
  const head = 'HTTP/1.1 200 OK\r\nX: ';
  const answer = `${head}${'x'.repeat(bytes - head.length - 4)}\r\n\r\n`;
  const socket = Object.assign(new PassThrough(), { write: () => true });
  const tunnel = openTunnel(
    socket as unknown as Socket,
    originOf(new URL('https://h/')),
    { url: 'http://proxy', authorization: undefined } as never,
    new AbortController().signal,
  ).then(
    () => undefined,
    (error) => error.code,
  );
  socket.push(answer);
  expect(await tunnel).toBe(code);
});
