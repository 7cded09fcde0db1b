import { describe, expect, it } from 'vitest';
import { ReadCache } from '../../../src/core/mcp/readCache.ts';
import type { Clock } from '../../../src/core/metrics/clock.ts';

function cacheAt() {
  let now = 0;
  const clock: Clock = { now: () => now, wallTime: () => now, schedule: () => () => undefined };
  const cache = new ReadCache(clock);
  const keep = (uri: string, more: object = {}, contents: object = {}) =>
    cache.keep(uri, { contents: [{ uri, text: uri, ...contents }], ttlMs: 1_000, ...more }, cache.asOf());
  return { cache, keep, at: (ms: number) => (now = ms) };
}

describe('what was read', () => {
  it('is fresh until its time is over', () => {
    const { cache, keep, at } = cacheAt();
    keep('a');
    at(999);
    expect(cache.get('a')?.contents[0]?.text).toBe('a');
    at(1_000);
    expect(cache.get('a')).toBeUndefined();
  });

  it.each([0, -5, undefined, 'long', Number.NaN])('is not kept for a time of %s', (ttlMs) => {
    const { cache, keep } = cacheAt();
    keep('a', { ttlMs });
    expect(cache.get('a')).toBeUndefined();
  });

  it('is forgotten when it changes, also as a part of something else, and the rest is not', () => {
    const { cache, keep } = cacheAt();
    keep('dir', {}, { uri: 'dir/file' });
    keep('other');
    cache.forget('dir/file');
    expect(cache.get('dir')).toBeUndefined();
    expect(cache.get('other')).toBeDefined();
  });

  it('is not kept where something changed while it was on its way', () => {
    const { cache } = cacheAt();
    const asOf = cache.asOf();
    cache.forget('a');
    cache.keep('a', { contents: [], ttlMs: 1_000 }, asOf);
    expect(cache.get('a')).toBeUndefined();
  });

  it('makes room for what is newer: in number and in size', () => {
    const { cache, keep } = cacheAt();
    for (let n = 0; n <= 1_000; n++) keep(`${n}`);
    expect([cache.get('0'), cache.get('1')?.contents.length]).toEqual([undefined, 1]);
    const half = 'x'.repeat(9 * 1024 * 1024);
    keep('big', {}, { text: half });
    keep('bigger', {}, { blob: half });
    expect([cache.get('big'), cache.get('bigger')?.contents.length]).toEqual([undefined, 1]);
    keep('too big', {}, { text: half + half });
    expect(cache.get('too big')).toBeUndefined();
    expect(cache.get('bigger')).toBeDefined();
  });

  it.each([
    ['in members that nobody knows', (n: number) => ({ _meta: { of: `${n}${'x'.repeat(1024 * 1024)}` } })],
    ['in the number of its parts', () => ({ contents: Array(100_000).fill({ uri: 'a' }) })],
  ])('makes room for what is newer, also where it is large %s', (_, more) => {
    const { cache, keep } = cacheAt();
    for (let n = 0; n < 32; n++) keep(`${n}`, more(n));
    expect(Array.from({ length: 32 }, (_, n) => cache.get(`${n}`)).filter(Boolean).length).toBeLessThan(17);
    expect(cache.get('31')).toBeDefined();
  });
});
