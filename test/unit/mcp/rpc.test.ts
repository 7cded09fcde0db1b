import { expect, it } from 'vitest';
import { LATEST_LEGACY } from '../../../src/core/mcp/protocolVersion.ts';
import { Rpc } from '../../../src/core/mcp/rpc.ts';
import type { Listener } from '../../../src/core/transport/transport.ts';

/** A client whose server pings it, over a transport that takes the answers as `post` does. */
async function pinged(post: () => Promise<void>) {
  let now = 0;
  let posts = 0;
  let listener: Listener | undefined;
  const warnings: string[] = [];
  const transport = {
    isOver: false,
    listen: async (given: Listener) => {
      listener = given;
    },
    post: () => {
      posts++;
      return post();
    },
  };
  const clock = { now: () => now, wallTime: () => now, schedule: () => () => undefined };
  const identity = { info: { name: 'it', version: '1' }, features: {} };
  const rpc = new Rpc({
    identity,
    clock,
    onNotification: () => undefined,
    onGap: () => undefined,
    warn: (message) => warnings.push(message),
  });
  await rpc.listen({ transport: transport as never, revision: LATEST_LEGACY });
  const ping = async (times: number) => {
    for (let id = 0; id < times; id++) {
      const message = { jsonrpc: '2.0', id, method: 'ping' } as const;
      listener?.onMessage({ kind: 'request', message }, () => () => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { ping, warnings, posts: () => posts, move: (ms: number) => (now += ms) };
}

it('a server that pings all the time is answered a hundred times a second, and one warning tells of the others', async () => {
  const { ping, warnings, posts, move } = await pinged(() => Promise.resolve());
  await ping(300);
  expect(posts()).toBe(100);
  expect(warnings).toEqual([expect.stringContaining('sent this client more than 100 requests in a second')]);
  move(1_000);
  await ping(10);
  expect(posts()).toBe(110);
});

it('a server that takes no answer to its pings has sixteen of them on their way, and no more', async () => {
  const { ping, posts } = await pinged(() => new Promise(() => undefined));
  await ping(50);
  expect(posts()).toBe(16);
});
