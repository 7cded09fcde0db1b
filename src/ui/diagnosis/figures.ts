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

function reused(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ wire }) => wire.use > 1);
}
