import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../src/core/errors.ts';
import { PagedList } from '../../../src/core/mcp/pagedList.ts';
import type { Requests } from '../../../src/core/mcp/requests.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';

/** A list whose pages the test writes. */
function listOf(page: (nth: number) => Readonly<Record<string, unknown>>) {
  let asked = 0;
  const warnings: string[] = [];
  const requests = {
    session: 1,
    onOutdated() {},
    warn: (text: string) => warnings.push(text),
    send: async () => {
      // Without an end it would be a loop: the test says so rather than hang.
      if (asked === 300) throw new Error('asked without end');
      return { result: page(asked++) };
    },
  } as unknown as Requests;
  const list = new PagedList({
    requests,
    method: 'tools/list',
    member: 'tools',
    read: (entry) => entry,
    clock: systemClock,
  });
  return { list, warnings, asked: () => asked };
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
      message: expect.stringContaining('same page twice'),
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

  it.each([
    ['begins anew', () => ({ tools: [1, 2], nextCursor: '' }), [1, 2]],
    ['gives an empty page', (nth: number) => ({ tools: nth === 0 ? [1] : [], nextCursor: '' }), [1]],
    [
      'refuses it',
      (nth: number) => {
        if (nth === 0) return { tools: [1], nextCursor: '' };
        throw new SluiceError('jsonrpc-error', 'no', {
          delivery: 'answered',
          rpc: { code: -32602, message: 'no' },
        });
      },
      [1],
    ],
  ])('whose server gives an empty cursor for none, and %s behind it, is whole', async (_, page, tools) => {
    expect(await listOf(page).list.get(undefined)).toEqual(tools);
  });

  it('loses a page that is none, and goes on behind it', async () => {
    const { list, warnings } = listOf((nth) => ({
      tools: nth === 1 ? 'oops' : [nth],
      ...(nth < 2 ? { nextCursor: `${nth}` } : {}),
    }));
    expect(await list.get(undefined)).toEqual([0, 2]);
    expect(warnings).toEqual([
      'page 2 of tools/list was left out, because its "tools" is not a list: "oops"',
    ]);
  });

  it('is empty where its member is null', async () => {
    expect(await listOf(() => ({ tools: null, nextCursor: null })).list.get(undefined)).toEqual([]);
  });
});
