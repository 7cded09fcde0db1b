import { describe, expect, it } from 'vitest';
import { PagedList } from '../../../src/core/mcp/pagedList.ts';
import type { Requests } from '../../../src/core/mcp/requests.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';

/** A list whose pages the test writes. */
function listOf(page: (nth: number) => Readonly<Record<string, unknown>>) {
  let asked = 0;
  const requests = {
    session: 1,
    onOutdated() {},
    warn() {},
    send: async () => {
      // Without an end it would be a loop: the test says so rather than hang.
      if (asked === 300) throw new Error('asked without end');
      return { result: page(asked++) };
    },
  } as unknown as Requests;
  const accepts = (entry: unknown): entry is unknown => entry !== undefined;
  const list = new PagedList({
    requests,
    method: 'tools/list',
    member: 'tools',
    accepts,
    clock: systemClock,
  });
  return { list, asked: () => asked };
}

describe('a list', () => {
  it('without an end is given up after 200 pages', async () => {
    const { list, asked } = listOf((nth) => ({ tools: [nth], nextCursor: `${nth}` }));
    await expect(list.get(undefined)).rejects.toMatchObject({
      code: 'not-mcp',
      message: expect.stringContaining('more than 200 pages'),
    });
    expect(asked()).toBe(200);
  });

  it('that begins anew is given up at the page that comes back', async () => {
    const { list, asked } = listOf((nth) => ({ tools: [nth % 3], nextCursor: `${nth}` }));
    await expect(list.get(undefined)).rejects.toMatchObject({
      message: expect.stringContaining('comes back'),
    });
    expect(asked()).toBe(4);
  });

  it('of more than 50,000 entries is given up, and one of as many is not', async () => {
    const tools = Array.from({ length: 25_000 }, (_, n) => n);
    const pages = (more: number) => (nth: number) => ({
      tools: nth === 2 ? tools.slice(0, more) : tools.map((n) => n + nth * 25_000),
      ...(nth < 2 ? { nextCursor: `${nth}` } : {}),
    });
    expect(await listOf(pages(0)).list.get(undefined)).toHaveLength(50_000);
    await expect(listOf(pages(1)).list.get(undefined)).rejects.toMatchObject({
      message: expect.stringContaining('more than 50000 entries'),
    });
  });
});
