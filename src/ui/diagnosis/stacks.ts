import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts';

/**
 * What can be changed in a stack. `stall`: pieces that are kept back. `closes`: a connection that is closed with each
 * response. `idle`: how long an idle one is kept. `buffers`: a stream that is kept until it is whole.
 */
export type Topic = 'stall' | 'closes' | 'idle' | 'buffers';

/** A server, a library or a proxy, how it gives itself away in the headers of its responses, and the line to change there. */
interface Stack {
  readonly name: string;
  readonly header: 'server' | 'via' | 'x-powered-by' | 'keep-alive';
  readonly like: RegExp;
  readonly change: Readonly<Partial<Record<Topic, string>>>;
}

const NO_SWITCH = 'It is made for development and has no switch for it';

/** More than one may be there: a proxy, and the server behind it. How each behaves is in docs/servers.md. */
const STACKS: readonly Stack[] = [
  {
    name: 'Python’s wsgiref',
    header: 'server',
    like: /^WSGIServer\//i,
    change: { closes: `${NO_SWITCH}: run the application with gunicorn -k gthread, waitress or uvicorn.` },
  },
  {
    name: 'Werkzeug (Flask’s own server)',
    header: 'server',
    like: /^Werkzeug\//i,
    change: { closes: `${NO_SWITCH}: run the application with gunicorn -k gthread, waitress or uvicorn.` },
  },
  {
    name: 'Python’s http.server',
    header: 'server',
    like: /^(?:BaseHTTP|SimpleHTTP)\//i,
    change: {
      stall: 'Set disable_nagle_algorithm = True on the handler’s class, or wbufsize = -1 and flush once.',
      closes:
        'Set protocol_version = "HTTP/1.1" on the handler’s class, and send a Content-Length or chunks.',
    },
  },
  {
    name: 'gunicorn',
    header: 'server',
    like: /^gunicorn/i,
    change: {
      closes: 'Its default worker closes each connection: run it with -k gthread, or with a uvicorn worker.',
      idle: 'Run it with --keep-alive 75 (2 s by default).',
    },
  },
  {
    name: 'uvicorn',
    header: 'server',
    like: /^uvicorn/i,
    change: {
      stall:
        'Run it with --loop uvloop (pip install uvloop): with --workers or --reload asyncio does not turn Nagle’s algorithm off.',
      idle: 'Run it with --timeout-keep-alive 75 (5 s by default).',
    },
  },
  {
    name: 'hypercorn',
    header: 'server',
    like: /^hypercorn/i,
    change: { stall: 'Run it with --worker-class uvloop (pip install uvloop).' },
  },
  {
    name: 'waitress',
    header: 'server',
    like: /^waitress/i,
    change: { closes: 'It keeps connections after answers of a known length only: send a Content-Length.' },
  },
  {
    name: 'WEBrick',
    header: 'server',
    like: /^WEBrick\//i,
    change: {
      stall:
        'Give it AcceptCallback: ->(socket) { socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1) }.',
    },
  },
  {
    name: 'Perl’s HTTP::Daemon',
    header: 'server',
    like: /^libwww-perl-daemon\//i,
    change: {
      stall:
        'Call setsockopt($connection, IPPROTO_TCP, TCP_NODELAY, 1) on each connection that accept gives, and send the whole head in one write.',
    },
  },
  {
    name: 'Erlang’s inets',
    header: 'server',
    like: /^inets\//i,
    change: { stall: 'Configure it with {socket_type, {ip_comm, [{nodelay, true}]}}.' },
  },
  {
    name: 'MochiWeb',
    header: 'server',
    like: /^MochiWeb\//i,
    change: { stall: 'Start it with the option {nodelay, true}.' },
  },
  {
    name: 'Boost.Beast',
    header: 'server',
    like: /^Boost\.Beast\//i,
    change: { stall: 'Call socket.set_option(tcp::no_delay(true)) on each accepted socket.' },
  },
  {
    name: 'cpp-httplib',
    header: 'keep-alive',
    like: /^timeout=5, max=5$/,
    change: {
      stall: 'Call set_tcp_nodelay(true) on the server.',
      idle: 'Call set_keep_alive_max_count and set_keep_alive_timeout on the server, and give it more threads than clients have connections.',
    },
  },
  {
    name: 'Mono’s HttpListener',
    header: 'server',
    like: /^Mono-HTTPAPI\//i,
    change: {
      stall: 'It has no switch for Nagle’s algorithm: write the response and its end at once, or run .NET.',
    },
  },
  {
    name: 'Hunchentoot',
    header: 'server',
    like: /^Hunchentoot/i,
    change: { stall: 'Set TCP_NODELAY on the socket that the acceptor’s accept gives.' },
  },
  {
    name: 'Racket’s web server',
    header: 'server',
    like: /^Racket$/i,
    change: {
      stall: 'It has no switch for Nagle’s algorithm: answer with a response whose body is written at once.',
    },
  },
  {
    name: 'Node.js',
    header: 'keep-alive',
    like: /^timeout=5$/,
    change: {
      stall: 'Do not call socket.setNoDelay(false), and do not start the server with noDelay: false.',
      idle: 'Set server.keepAliveTimeout = 75_000 (5 s by default).',
    },
  },
  {
    name: 'nginx',
    header: 'server',
    like: /^(?:nginx|openresty)/i,
    change: {
      stall: 'In nginx: tcp_nodelay on (its default).',
      closes: 'In nginx: proxy_http_version 1.1, and proxy_set_header Connection "" towards the server.',
      idle: 'In nginx: keepalive_timeout 75s.',
      buffers: 'In nginx: proxy_buffering off for this location, and proxy_read_timeout above 60 s.',
    },
  },
  {
    name: 'Apache',
    header: 'server',
    like: /^Apache/i,
    change: {
      idle: 'In Apache: KeepAliveTimeout 75 (5 s by default), and MaxKeepAliveRequests 0.',
      buffers: 'In Apache: ProxyPass with flushpackets=on, and without mod_deflate for text/event-stream.',
    },
  },
  {
    name: 'lighttpd',
    header: 'server',
    like: /^lighttpd/i,
    change: {
      idle: 'In lighttpd: server.max-keep-alive-idle = 75 (5 s by default).',
      buffers: 'In lighttpd: server.stream-response-body = 2.',
    },
  },
  {
    name: 'Caddy',
    header: 'via',
    like: /\bCaddy\b/i,
    change: { buffers: 'In Caddy: flush_interval -1 in reverse_proxy.' },
  },
  {
    name: 'Varnish',
    header: 'via',
    like: /varnish/i,
    change: { idle: 'Run varnishd with -p timeout_idle=75 (5 s by default).' },
  },
];

/** The lines of stacks that show themselves in no header. */
const UNSEEN: Readonly<Partial<Record<Topic, string>>> = {
  stall: [
    'It does not show which stack it is. On Linux, sockets that are accepted take TCP_NODELAY from the listening one, so set it there. By stack:',
    'gevent and eventlet: on the socket that they are given.',
    'Java’s com.sun.net.httpserver: -Dsun.net.httpserver.nodelay=true.',
    'hyper 0.14: tcp_nodelay(true) on its builder.',
    'Crystal: tcp_nodelay = true on the TCPServer.',
    'Nim’s asynchttpserver: setSockOpt(OptNoDelay, true, level = IPPROTO_TCP) on the client’s socket.',
    'CivetWeb: the option tcp_nodelay.',
    'SWI-Prolog: tcp_setopt(Socket, nodelay(true)).',
  ].join(' '),
};

/** The stacks that show themselves in a server's answers. */
export function stacksOf({ headers }: Pick<Diagnosis, 'headers'>): readonly Stack[] {
  return STACKS.filter(({ header, like }) => like.test(headers[header] ?? ''));
}

/** The lines to change there, of those that show themselves; where none does, of those that never do. */
export function advice(diagnosis: Pick<Diagnosis, 'headers'>, topic: Topic): string[] {
  const seen = stacksOf(diagnosis);
  const unseen = UNSEEN[topic];
  if (seen.length === 0 && unseen !== undefined) return [unseen];
  return seen.flatMap(({ name, change }) => {
    const line = change[topic];
    return line === undefined ? [] : [`This looks like ${name}. ${line}`];
  });
}
