import { describe, expect, it } from 'vitest';
import { deliveryOf, httpFailure } from '../../../src/core/transport/httpFailure.ts';

const failure = (body: string, more: object = {}, status = 500) =>
  httpFailure({
    status,
    headers: { 'content-type': 'text/html', ...more },
    body,
    inSession: false,
    url: new URL('http://h/mcp'),
    now: 0,
  });
const told = (body: string) => failure(body).message;

describe('the page of a failure', () => {
  it('is told in its words, without styles and scripts', () => {
    const page = '<style>b { color: red }</style><h1>Bad <b>day</b></h1><script>if (a < b) c()</script>';
    expect(told(page)).toBe('The server answered HTTP 500: Bad day');
  });

  it.each(['<', '<style', '<b '])('takes no time where it never ends: %s', (unit) => {
    const startedAt = performance.now();
    told(unit.repeat(65_536 / unit.length));
    expect(performance.now() - startedAt).toBeLessThan(250);
  });
});

it('a time to wait is a number of which something can be done, whatever the server says', () => {
  const retryAfter = (value: string) => failure('', { 'retry-after': value }).retryAfterMs;
  expect(retryAfter('9'.repeat(400))).toBe(366 * 86_400_000);
  expect(retryAfter('Fri, 31 Dec 9999 23:59:59 GMT')).toBe(366 * 86_400_000);
  expect(retryAfter('2')).toBe(2_000);
});

describe('what a status tells of the request', () => {
  const of = (wanted: string) =>
    Array.from({ length: 300 }, (_, n) => n + 300).filter((status) => deliveryOf(status) === wanted);

  it('is nothing where it is what a gateway says of its server: the tool may still run', () => {
    const ofCloudflare = Array.from({ length: 11 }, (_, n) => 520 + n);
    expect(of('unknown')).toEqual([408, 502, 503, 504, ...ofCloudflare, 598, 599]);
  });

  it('is that it did not come so far, where only a proxy says it', () => {
    expect(of('not-sent')).toEqual([407]);
  });

  it.each([
    [502, '', {}],
    [503, '', { 'retry-after': '1' }],
    [504, '<h1>Gateway Timeout</h1>', {}],
    [502, '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"upstream"}}', {}],
  ])('is the same with whatever it comes: %i %s', (status, body, headers) => {
    expect(failure(body, headers, status).delivery).toBe('unknown');
  });
});
