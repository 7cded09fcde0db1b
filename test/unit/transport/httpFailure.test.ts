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

  it.each([
    [
      'of Squid',
      '<html><head><title>ERROR: The requested URL could not be retrieved</title><style>body{}</style></head><body id=ERR_CONNECT_FAIL><div id="titles"><h1>ERROR</h1><h2>The requested URL could not be retrieved</h2></div><hr><div id="content"><p>The following error was encountered while trying to retrieve the URL: <a href="http://h/mcp">http://h/mcp</a></p><blockquote id="error"><p><b>Connection to h failed.</b></p></blockquote><p id="sysmsg">The system returned: <i>(111) Connection refused</i></p></div></body></html>',
      /Connection to h failed\. The system returned: \(111\) Connection refused/,
    ],
    [
      'of nginx',
      '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx/1.22.1</center></body></html>',
      /: nginx\/1\.22\.1$/,
    ],
    ['that has headings alone', '<title>Oops</title><h1>It is broken</h1>', /: Oops It is broken$/],
    ['whose head never ends', '<head><title>Moved<p>gone', /: Moved gone$/],
  ])('%s is told by its reason, and not by its title and headings, which say the same', (_, page, said) => {
    expect(told(page)).toMatch(said);
  });

  it('is told with its first 300 characters', () => {
    expect(told(`<p>${'x'.repeat(5_000)}`)).toBe(`The server answered HTTP 500: ${'x'.repeat(300)}…`);
  });

  it.each(['<', '<style', '<b ', '<head', '<h1', '<h1>'])('takes no time where it never ends: %s', (unit) => {
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

describe('a gateway', () => {
  const of = (status: number, waited: number, headers: object = {}) =>
    httpFailure({
      status,
      headers: { ...headers },
      body: '',
      inSession: false,
      url: new URL('http://h/mcp'),
      now: 0,
      waited,
    });

  it.each([502, 503, 504, 524])(
    'that gave up after a time is told with it, and that the tool may still run: %i',
    (status) => {
      const error = of(status, 60_040);
      expect(error.message).toBe(`A gateway gave up after 60.0 s (HTTP ${status})`);
      expect(error.hint).toMatch(/may have run the request, or may still run it.*proxy_read_timeout/);
      expect(error.hint).not.toContain('Try again');
      expect(error.delivery).toBe('unknown');
    },
  );

  it('whose server is down is no limit of calls, whatever time it names', () => {
    const error = of(503, 3, { 'retry-after': '5' });
    expect(error).toMatchObject({ code: 'http-status', retryAfterMs: 5_000, delivery: 'unknown' });
    expect(error.hint).toContain('Try again in 5 s, as it says');
  });
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

describe('a refusal that says what it wants', () => {
  it.each([
    [
      403,
      { 'www-authenticate': 'Bearer error="insufficient_scope", scope="files:write"' },
      'scope="files:write"',
    ],
    [405, { allow: 'GET, HEAD' }, 'this one takes GET, HEAD, but not POST'],
  ])('has that in its hint (%i)', (status, headers, hint) => {
    expect(failure('', headers, status).hint).toContain(hint);
    expect(failure('', {}, status).hint).not.toContain('undefined');
  });
});
