import { describe, expect, it } from 'vitest';
import { httpFailure } from '../../../src/core/transport/httpFailure.ts';

const told = (body: string) =>
  httpFailure({
    status: 500,
    headers: { 'content-type': 'text/html' },
    body,
    inSession: false,
    url: new URL('http://h/mcp'),
    now: 0,
  }).message;

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
