import type { Diagnosis, Sample, Series } from '../../core/diagnosis/diagnosis.ts';

/** The middle value; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

export function samplesOf(
  { series }: Diagnosis,
  fits: (series: Series) => boolean = () => true,
): readonly Sample[] {
  return series.filter(fits).flatMap(({ samples }) => samples);
}

/** An answer came as an event stream: only then is there an end of one to look at. */
export function hasStream(diagnosis: Diagnosis): boolean {
  return samplesOf(diagnosis).some(({ wire }) => wire.body === 'sse');
}

/** Milliseconds that the caller waited. */
export function answerMs({ timing }: Sample): number {
  return timing.total;
}

/** Milliseconds until the stream was over too, which is what a client waits that reads it to its end. */
export function endMs({ timing, drain }: Sample): number {
  return timing.total + drain.ms;
}

/** The rest after which no connection stalled: what the evidence says, or none. */
export function restNeeded({ findings }: Diagnosis): number {
  return Math.max(0, ...findings.map((finding) => (finding.kind === 'stall' ? finding.rest : 0)));
}

/** A way of calling, and what it costs. Milliseconds, medians. */
export interface Cost {
  readonly way: string;
  readonly calls: number;
  readonly answer: number;
  /** Undefined where streams are left open: nobody knows until when. */
  readonly end: number | undefined;
}

/** What a call costs, by what its client does with connections. */
export function costs(diagnosis: Diagnosis): Cost[] {
  const rest = restNeeded(diagnosis);
  const ways: readonly { way: string; samples: readonly Sample[] }[] = [
    {
      way: 'at once, on the connection of the call before',
      samples: reused(samplesOf(diagnosis, ({ kind }) => kind === 'at-once')),
    },
    {
      way: `on a connection that rested ${rest === 0 ? 'a while' : `${Math.ceil(rest)} ms or more`}`,
      samples: reused(samplesOf(diagnosis, (series) => series.kind === 'rested' && series.rest >= rest)),
    },
    { way: 'on a new connection', samples: samplesOf(diagnosis).filter(({ wire }) => wire.use === 1) },
  ];
  return ways.flatMap(({ way, samples }) => {
    const answer = median(samples.map(answerMs));
    const end = median(samples.flatMap((sample) => (isEnded(sample) ? endMs(sample) : [])));
    return answer === undefined ? [] : [{ way, calls: samples.length, answer, end }];
  });
}

/** What a call costs more that follows the one before at once, for a client that waits for the stream's end as well. */
export function lostPerCall(diagnosis: Diagnosis): number {
  const ways = costs(diagnosis);
  const dearest = Math.max(...ways.map(({ answer, end = 0 }) => Math.max(answer, end)));
  const cheapest = Math.min(...ways.map(({ answer }) => answer));
  return ways.length === 0 ? 0 : dearest - cheapest;
}

/** The server ended the stream itself. */
export function isEnded({ drain }: Sample): boolean {
  return drain.outcome === 'reused' || drain.outcome === 'drained' || drain.outcome === 'closed-by-server';
}

/** What came late on connections that had hardly rested, and at once on those that had. */
export interface Contrast {
  /** Milliseconds of rest of the late ones, and of the quick ones at least. */
  readonly rest: { readonly late: number; readonly quick: number };
  /** Medians, in milliseconds. */
  readonly late: number;
  readonly quick: number;
  /** Samples that hardly rested, and how many of them were late. */
  readonly lateOf: readonly [late: number, all: number];
}

/** Milliseconds. Delayed acknowledgements start at 40. */
const LATE = 20;
/** Rest after which nothing waits for an acknowledgement, on Linux; elsewhere the longest rest shows it. */
const RESTED = 120;
/** Samples on either side, and which part of them has to agree. */
const ENOUGH = 3;
const AGREE = 0.75;

/**
 * Compares the series with one another: that shows a stall wherever it arises, in a relay, within the head of a response, and
 * over HTTP/2 too, where the pool's own evidence does not look.
 */
export function contrast(diagnosis: Diagnosis, of: (sample: Sample) => number): Contrast | undefined {
  const from = (fits: (series: Series) => boolean) => reused(samplesOf(diagnosis, fits)).map(of);
  const quick = from(({ kind, rest }) => kind === 'rested' && rest >= RESTED);
  const typical = median(quick);
  if (typical === undefined || quick.length < ENOUGH) return undefined;
  const isLate = (ms: number) => ms >= typical + LATE;
  if (quick.filter((ms) => !isLate(ms)).length < quick.length * AGREE) return undefined;
  const found = diagnosis.series.flatMap(({ kind, rest }) => {
    if (kind === 'fresh' || rest >= RESTED) return [];
    const hardly = from((series) => series.kind === kind && series.rest === rest);
    const late = hardly.filter(isLate);
    if (hardly.length < ENOUGH || late.length < hardly.length * AGREE) return [];
    return [
      {
        rest: { late: rest, quick: RESTED },
        late: median(hardly) ?? 0,
        quick: typical,
        lateOf: [late.length, hardly.length] as const,
      },
    ];
  });
  return found.sort((one, other) => other.lateOf[1] - one.lateOf[1])[0];
}

function reused(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ wire }) => wire.use > 1);
}
