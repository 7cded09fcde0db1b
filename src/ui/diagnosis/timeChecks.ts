import type { Diagnosis, EraTimes } from '../../core/diagnosis/diagnosis.ts';
import { formatMs } from '../text/formatMs.ts';
import type { Check } from './check.ts';
import { median } from './figures.ts';

/** Milliseconds of its own that a server takes, beside the way to it, and that callers notice. */
const SLOW = { smallest: 100, connect: 300, list: 300 } as const;
/** The other era is quicker by so many milliseconds at least, and by this factor. */
const WORTH_IT = 5;
const TWICE = 2;

const ALL_REQUESTS =
  'Look at what is done for every request: a process, a server object or a connection to something else that is made anew, a lock, a pause.';

/** How long the server takes for what every client asks of it, whatever its tools do. */
export function timeChecks(diagnosis: Diagnosis): Check[] {
  const [first, other] = diagnosis.times;
  if (first === undefined) return [{ topic: 'Smallest request', verdict: 'untested', seen: 'not reached' }];
  const way = roundTrip(diagnosis);
  const { smallest, connect, list } = first;
  return [
    {
      ...slow('Smallest request', smallest, way, SLOW.smallest),
      ...because(smallest - way > SLOW.smallest, [
        'No call of a tool can be faster than that: it is the time that the server takes besides its work.',
        ALL_REQUESTS,
      ]),
    },
    {
      ...slow('Connecting', connect, way, SLOW.connect),
      ...because(connect - way > SLOW.connect, [
        'Every client waits for that before its first call, and again after each loss of a session.',
        first.era === 'legacy'
          ? 'Look at what is done at “initialize”, and do it before the server listens, or when a tool needs it.'
          : 'Look at what is done at “server/discover”, and do it before the server listens, or when a tool needs it.',
      ]),
    },
    ...(list === undefined
      ? []
      : [
          {
            ...slow('List of tools', list, way, SLOW.list),
            ...because(list - way > SLOW.list, [
              'Clients ask for it when they connect and at each change, and show no tool before they have it.',
              'Build the list once and keep it, until it changes.',
            ]),
          },
        ]),
    ...eras(first, other),
  ];
}

function slow(topic: string, took: number, way: number, most: number): Check {
  const seen =
    way < 1 ? formatMs(took) : `${formatMs(took)}, of which the way there and back takes ${formatMs(way)}`;
  return { topic, verdict: took - way > most ? 'costs' : 'good', seen };
}

function because(isSlow: boolean, [why, change]: readonly [string, string]): Pick<Check, 'why' | 'change'> {
  return isSlow ? { why, change: [change] } : {};
}

/** The newest revision is not the quickest everywhere. */
function eras(first: EraTimes, other: EraTimes | undefined): Check[] {
  if (other === undefined) return [];
  const [quick, late] = first.smallest < other.smallest ? [first, other] : [other, first];
  const seen = [quick, late]
    .map(({ protocolVersion, smallest }) => `${protocolVersion}: ${formatMs(smallest)}`)
    .join(', ');
  const topic = 'Both eras, the smallest request';
  const differs = late.smallest - quick.smallest > WORTH_IT && late.smallest > quick.smallest * TWICE;
  if (!differs) return [{ topic, verdict: 'good', seen }];
  return [
    {
      topic,
      // Clients take the newest revision that both speak.
      verdict: late === first ? 'costs' : 'note',
      seen,
      why: `Clients speak ${first.protocolVersion} with this server, as it is the newest that both speak.`,
      change: [
        late.era === 'modern'
          ? 'Without sessions many servers build their tools anew for each request: build them once, outside of the request.'
          : 'Look at what is done for each request of a session.',
      ],
    },
  ];
}

/**
 * Milliseconds there and back, as far as opening a connection shows it: a local end of a tunnel takes the connection at once, and
 * then only a TLS handshake goes all the way. 0 where nothing is known.
 */
function roundTrip({ opened }: Diagnosis): number {
  const trips = opened.map(({ stages: { tcp = 0, tls = 0 }, tls: version }) =>
    Math.max(tcp, version === 'TLSv1.3' ? tls : tls / 2),
  );
  return median(trips) ?? 0;
}
