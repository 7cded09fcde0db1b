import { describe, expect, it } from 'vitest';
import { httpFailure } from '../../../src/core/transport/httpFailure.ts';

const failure = (body: string, more: object = {}) =>
  httpFailure({
    status: 500,
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
