import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cookies } from '../../../src/core/http/cookies.ts';

function jar(isSecure = true) {
  let now = Date.parse('2026-01-01T00:00:00Z');
  return { cookies: new Cookies(isSecure, () => now), pass: (ms: number) => (now += ms) };
}

describe('cookies that a server sets', () => {
  it('are sent back, each with its last value', () => {
    const { cookies } = jar();
    cookies.keep(['NODE=n1; Path=/; HttpOnly', 'lb=a=b; SameSite=Lax'], '/mcp');
    cookies.keep(['NODE=n2; Path=/'], '/mcp');
    expect(cookies.headerFor('/mcp')).toBe('lb=a=b; NODE=n2');
  });

  it.each([
    ['/', '/mcp', true],
    ['/mcp', '/mcp', true],
    ['/mcp', '/mcp?x=/a', true],
    ['/mcp', '/mcp/messages', true],
    ['/mcp/', '/mcp', false],
    ['/mc', '/mcp', false],
    ['/admin', '/mcp', false],
    ['', '/mcp', true],
    ['relative', '/mcp', true],
  ])('with the path %j go with %s: %s', (path, asked, goes) => {
    const { cookies } = jar();
    cookies.keep([`a=1; Path=${path}`], '/mcp');
    expect(cookies.headerFor(asked)).toBe(goes ? 'a=1' : undefined);
  });

  it('end when they say so', () => {
    const { cookies, pass } = jar();
    cookies.keep(
      ['a=1; Max-Age=60', 'b=1; Expires=Thu, 01 Jan 2026 00:02:00 GMT', 'c=1', 'd=1; Max-Age=soon'],
      '/',
    );
    expect(cookies.headerFor('/')).toBe('a=1; b=1; c=1; d=1');
    pass(60_000);
    expect(cookies.headerFor('/')).toBe('b=1; c=1; d=1');
    cookies.keep(['c=; Max-Age=0', 'b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], '/');
    expect(cookies.headerFor('/')).toBe('d=1');
    cookies.clear();
    expect(cookies.headerFor('/')).toBeUndefined();
  });

  it('that are for TLS do not go in the open', () => {
    const { cookies } = jar(false);
    cookies.keep(['a=1; Secure', 'b=1'], '/');
    expect(cookies.headerFor('/')).toBe('b=1');
  });

  it('go behind those of the settings, which keep their names', () => {
    const { cookies } = jar();
    expect(cookies.headerFor('/', 'id=mine')).toBe('id=mine');
    cookies.keep(['id=theirs', 'NODE=n1'], '/');
    expect(cookies.headerFor('/', 'id=mine; x=1')).toBe('id=mine; x=1; NODE=n1');
  });

  it('are 32 at most, the oldest go first, and none is longer than 4,096 characters', () => {
    const { cookies } = jar();
    for (let n = 0; n < 100; n++) cookies.keep([`c${n}=1`], '/');
    expect(cookies.headerFor('/')?.split('; ')).toHaveLength(32);
    expect(cookies.headerFor('/')).toMatch(/^c68=1;.*c99=1$/);
    cookies.keep([`long=${'x'.repeat(4_096)}`], '/');
    expect(cookies.headerFor('/')).not.toContain('long');
  });

  it('take no more than 8 KiB of a request: servers refuse larger heads', () => {
    const { cookies } = jar();
    for (let n = 0; n < 32; n++) cookies.keep([`c${n}=${'x'.repeat(1_000)}`], '/');
    expect(cookies.headerFor('/')?.length).toBeLessThanOrEqual(8_192);
  });

  it('are what a header may carry, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.string({ unit: 'binary' }))), (headers) => {
        const { cookies } = jar();
        cookies.keep([...headers, ...headers.map((text) => `a=${text}`)], '/');
        expect(cookies.headerFor('/') ?? '').toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
