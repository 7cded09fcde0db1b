import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts';
import { formatMs } from '../text/formatMs.ts';
import type { Check } from './check.ts';
import { median, samplesOf } from './figures.ts';
import { advice } from './stacks.ts';

/** Milliseconds of idleness from which on a connection is kept long enough for a person at work. */
const LONG_KEPT = 30_000;
/** Milliseconds that a close may come before the time that was said. */
const EARLY = 1_000;
/** Milliseconds before a certificate's end that are worth a word. */
const SOON = 14 * 86_400_000;

/** Opening connections, using them again, and keeping them. */
export function connectionChecks(diagnosis: Diagnosis): Check[] {
  return [
    handshake(diagnosis),
    ...certificate(diagnosis),
    httpVersion(diagnosis),
    reuse(diagnosis),
    keepAlive(diagnosis),
  ];
}

function handshake({ opened }: Diagnosis): Check {
  const topic = 'Opening a connection';
  const total = median(opened.map(({ ms }) => ms)) ?? 0;
  const stages = (['tcp', 'proxy', 'tls'] as const).flatMap((stage) => {
    const ms = median(opened.flatMap((one) => one.stages[stage] ?? []));
    return ms === undefined ? [] : [`${STAGES[stage]} ${formatMs(ms)}`];
  });
  const tls = opened[0]?.tls;
  const seen = `${formatMs(total)} (${stages.join(', ')}; median of ${opened.length})${tls === undefined ? '' : `, ${tls}`}`;
  if (tls === undefined || tls === 'TLSv1.3') return { topic, verdict: 'good', seen };
  return {
    topic,
    verdict: 'note',
    seen,
    why: 'A handshake of an older TLS takes one round trip more.',
    change: ['Offer TLS 1.3 where TLS ends: in the server, or in the proxy before it.'],
  };
}

const STAGES = { tcp: 'name and TCP', proxy: 'proxy', tls: 'TLS' } as const;

function certificate({ opened, startedAt }: Diagnosis): Check[] {
  const until = opened[0]?.certificateUntil;
  if (until === undefined || until - startedAt > SOON) return [];
  const days = Math.floor((until - startedAt) / 86_400_000);
  return [
    {
      topic: 'Certificate',
      verdict: 'risk',
      seen: days < 0 ? 'expired' : `expires in ${days} days`,
      why: 'Clients refuse a server with an expired certificate.',
      change: ['Renew the certificate.'],
    },
  ];
}

function httpVersion({ opened, url }: Diagnosis): Check {
  const topic = 'HTTP version';
  const isSecure = url.startsWith('https:');
  const version = opened[0]?.httpVersion ?? '1.1';
  if (version === '2')
    return { topic, verdict: 'good', seen: 'HTTP/2, chosen by ALPN: calls share one connection' };
  const why = isSecure ? 'HTTP/1.1; HTTP/2 was not chosen' : 'HTTP/1.1, as always without TLS';
  return { topic, verdict: isSecure ? 'note' : 'good', seen: why };
}

function reuse(diagnosis: Diagnosis): Check {
  const topic = 'Reuse of connections';
  const { findings, lost } = diagnosis;
  const closes = findings.find(({ kind }) => kind === 'closes');
  if (closes?.kind === 'closes')
    return {
      topic,
      verdict: 'costs',
      seen: `none: the server closes the connection with each response (${closes.closed} of ${closes.all})`,
      why: 'Every call has to open a connection first.',
      change: [
        ...advice(diagnosis, 'closes'),
        'Leave connections open after a response: send no “Connection: close”, and answer as HTTP/1.1.',
        'Behind nginx: “proxy_http_version 1.1” and an empty “Connection” header towards the server.',
      ],
    };
  if (closesAtOnce(diagnosis))
    return {
      topic,
      verdict: 'risk',
      seen: `none: the server closes connections right after the response, without saying so before${lostWords(lost)}`,
      why: 'A client cannot know that the connection is about to go. A request that meets the close on its way is lost, and it is not known whether it ran.',
      change: [
        ...advice(diagnosis, 'closes'),
        'Leave connections open after a response; or, where they have to be closed, announce it with “Connection: close”.',
      ],
    };
  const samples = samplesOf(diagnosis, ({ kind }) => kind !== 'fresh');
  const again = samples.filter(({ wire }) => wire.use > 1).length;
  if (samples.length === 0) return { topic, verdict: 'untested', seen: 'no request was answered' };
  if (findings.some(({ kind }) => kind === 'held-open'))
    return { topic, verdict: 'note', seen: 'none, as streams are left open' };
  const seen = `${again} of ${samples.length} requests went over a connection that had served before${lostWords(lost)}`;
  if (lost > 0) return { topic, verdict: 'risk', seen };
  if (again === samples.length) return { topic, verdict: 'good', seen };
  // What we closed ourselves, or what the server said it would close, is no risk.
  const { closed, headers } = diagnosis;
  const by =
    closed.server === 0
      ? 'Sluice gave up the others itself'
      : `the server closed ${closed.server}${headers['connection']?.toLowerCase() === 'close' ? ', and said so before' : ''}`;
  return { topic, verdict: 'note', seen: `${seen}; ${by}` };
}

function keepAlive(diagnosis: Diagnosis): Check {
  const topic = 'Idle connections';
  const { idle, findings } = diagnosis;
  const hint = findings.find((finding) => finding.kind === 'keep-alive' && finding.from === 'hint');
  if (hint?.kind === 'keep-alive') {
    const closedEarly = idle.kind === 'closed' && idle.ms < hint.ms - EARLY;
    const word = `the server’s Keep-Alive header says`;
    if (!closedEarly) return { topic, verdict: 'good', seen: `kept for ${formatMs(hint.ms)}, as ${word}` };
    return {
      topic,
      verdict: 'risk',
      seen: `closed after ${formatMs(Math.round(idle.ms))}, where ${word} ${formatMs(hint.ms)}`,
      why: 'A client believes the header. A request that meets the close on its way is lost, and it is not known whether it ran.',
      change: [
        'If a proxy passes the header on, the header is about the server behind it: let the proxy remove the header, or keep connections for as long.',
        ...advice(diagnosis, 'idle'),
      ],
    };
  }
  switch (idle.kind) {
    case 'open':
      return {
        topic,
        verdict: 'good',
        seen: `kept for ${formatMs(Math.round(idle.ms))} at least: watched no longer`,
      };
    case 'closed':
      return {
        topic,
        verdict: idle.ms < LONG_KEPT ? 'risk' : 'note',
        seen: `closed by the server after ${formatMs(Math.round(idle.ms))}, without saying so before`,
        why: 'A request that meets the close on its way is lost, and it is not known whether it ran.',
        change: [
          ...advice(diagnosis, 'idle'),
          'Say how long connections are kept, in a header of each response: “Keep-Alive: timeout=5” (seconds). Clients then give them up in time.',
          'Keep them for longer than clients pause between calls. In Node.js: server.keepAliveTimeout; in uvicorn: --timeout-keep-alive; in nginx: keepalive_timeout.',
        ],
      };
    case 'given-up':
      return {
        topic,
        verdict: 'untested',
        seen: `Sluice closed the connection itself after ${formatMs(Math.round(idle.ms))}`,
      };
    case 'untested':
      return { topic, verdict: 'untested', seen: 'no connection was left that could have been idle' };
  }
}

function closesAtOnce({ findings }: Diagnosis): boolean {
  return findings.some(
    (finding) => finding.kind === 'keep-alive' && finding.from === 'observed' && finding.ms < 100,
  );
}

function lostWords(lost: number): string {
  if (lost === 0) return '';
  return lost === 1 ? '; 1 request was lost' : `; ${lost} requests were lost`;
}
