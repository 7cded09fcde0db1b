import { expect, it } from 'vitest';
import { advice, stacksOf } from '../../../../src/ui/diagnosis/stacks.ts';

/** Headers as these send them. */
it.each([
  [{ server: 'BaseHTTP/0.6 Python/3.11.2' }, ['Python’s http.server'], 'disable_nagle_algorithm'],
  [{ server: 'hypercorn-h11' }, ['hypercorn'], '--worker-class uvloop'],
  [{ server: 'uvicorn' }, ['uvicorn'], '--loop uvloop'],
  [{ server: 'WEBrick/1.8.1 (Ruby/3.1.2/2022-04-12)' }, ['WEBrick'], 'AcceptCallback'],
  [{ server: 'libwww-perl-daemon/6.16' }, ['Perl’s HTTP::Daemon'], 'setsockopt'],
  [{ server: 'inets/8.2.2' }, ['Erlang’s inets'], '{nodelay, true}'],
  [{ server: 'MochiWeb/3.1.1 (Any of you quaids got a smint?)' }, ['MochiWeb'], '{nodelay, true}'],
  [{ server: 'Boost.Beast/322' }, ['Boost.Beast'], 'no_delay'],
  [{ 'keep-alive': 'timeout=5, max=5' }, ['cpp-httplib'], 'set_tcp_nodelay'],
  [{ server: 'Mono-HTTPAPI/1.0' }, ['Mono’s HttpListener'], 'no switch'],
  [{ server: 'Hunchentoot 1.2.38' }, ['Hunchentoot'], 'TCP_NODELAY'],
  [{ server: 'Racket' }, ['Racket’s web server'], 'no switch'],
])(
  'a stack that stalls and shows itself by %j is named, with the line to change there',
  (headers, names, line) => {
    expect(stacksOf({ headers }).map(({ name }) => name)).toEqual(names);
    expect(advice({ headers }, 'stall').join('\n')).toContain(line);
  },
);

it.each([
  [{ server: 'gunicorn' }, '-k gthread'],
  [{ server: 'WSGIServer/0.2 CPython/3.11.2' }, 'gunicorn -k gthread'],
  [{ server: 'Werkzeug/2.2.2 Python/3.11.2' }, 'gunicorn -k gthread'],
  [{ server: 'waitress' }, 'Content-Length'],
  [{ server: 'nginx/1.22.1' }, 'proxy_http_version 1.1'],
])(
  'a stack that closes connections and shows itself by %j gets advice that can be followed there',
  (headers, line) => {
    expect(advice({ headers }, 'closes').join('\n')).toContain(line);
  },
);

it('a proxy and the server behind it are both named, and one that nobody knows is not', () => {
  const headers = { server: 'nginx/1.22.1', 'keep-alive': 'timeout=5' };
  expect(stacksOf({ headers }).map(({ name }) => name)).toEqual(['Node.js', 'nginx']);
  expect(stacksOf({ headers: { server: 'mine/1.0' } })).toEqual([]);
  expect(advice({ headers: {} }, 'closes')).toEqual([]);
});

it.each(['gevent', 'eventlet', 'Java', 'hyper', 'Crystal', 'Nim', 'CivetWeb', 'SWI-Prolog'])(
  'a stall gets the line to change in %s where no stack shows itself, and does not where one does',
  (name) => {
    expect(advice({ headers: {} }, 'stall').join('\n')).toContain(name);
    expect(advice({ headers: { server: 'Racket' } }, 'stall').join('\n')).not.toContain(name);
  },
);
