import type { SluiceError } from '../errors.ts';
import type { ToolAnswer } from '../mcp/tools.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Initiator } from '../metrics/initiator.ts';
import { Latency, type LatencySnapshot } from '../metrics/latency.ts';
import type { Tracer } from '../trace/tracer.ts';
import { CallLog } from '../transport/callLog.ts';
import type { AnsweredCall, CallRecord, OnRecord } from './callRecord.ts';

export interface CallBookOptions {
  readonly server: string;
  readonly clock: Clock;
  readonly tracer: Tracer;
  readonly onActivity: () => void;
}

/** What the record of a call has from its beginning on. */
export interface Asked {
  readonly tool: string;
  readonly initiator: Initiator;
  readonly onRecord: OnRecord | undefined;
}

/** A call that is under way. It settles once. */
export interface OpenCall {
  readonly log: CallLog;
  answered(answer: ToolAnswer): AnsweredCall;
  failed(error: SluiceError): void;
}

/**
 * The records of a server's calls: each is made here, and told to whoever asked for the call, to the trace, to the
 * percentiles and to the snapshot. This is the only place that waits for a drain.
 */
export class CallBook {
  readonly #options: CallBookOptions;
  readonly #latency = new Latency();
  #calls = 0;
  #last: CallRecord | undefined;

  constructor(options: CallBookOptions) {
    this.#options = options;
  }

  /** The call that settled last. */
  get last(): CallRecord | undefined {
    return this.#last;
  }

  latency(): LatencySnapshot {
    return this.#latency.snapshot();
  }

  open({ tool, initiator, onRecord }: Asked): OpenCall {
    const { server, clock } = this.#options;
    const log = new CallLog(++this.#calls);
    const begun = clock.now();
    const call = {
      id: this.#calls,
      server,
      tool,
      title: `tools/call ${tool}`,
      initiator,
      startedAt: clock.wallTime(),
    };
    const settled = () => ({ ...call, ms: clock.now() - begun, requests: log.requests });
    return {
      log,
      answered: ({ result, reply: { timing, wire, drained }, asked }) => {
        const outcome = result.isError === true ? 'tool-error' : 'ok';
        const record: AnsweredCall = { ...settled(), outcome, timing, wire, asked };
        // What a person took to answer the server is no latency.
        if (!asked) this.#latency.record(record.ms);
        this.#settle(record, onRecord);
        void drained.then((drain) => {
          const complete = { ...record, drain };
          if (this.#last === record) this.#last = complete;
          onRecord?.(complete);
          this.#options.onActivity();
        });
        return record;
      },
      failed: (error) => {
        const outcome = error.code === 'cancelled' ? 'cancelled' : 'error';
        this.#settle({ ...settled(), outcome, error }, onRecord);
      },
    };
  }

  #settle(record: CallRecord, onRecord: OnRecord | undefined): void {
    this.#last = record;
    this.#trace(record);
    onRecord?.(record);
    this.#options.onActivity();
  }

  #trace(record: CallRecord): void {
    const { tracer } = this.#options;
    if (!tracer.wants('call')) return;
    const { id: call, title, initiator, outcome, ms, requests } = record;
    const event = { kind: 'call', call, title, initiator, outcome, ms, requests } as const;
    if ('error' in record) {
      const { code, message } = record.error;
      tracer.emit({ ...event, error: { code, message } });
    } else tracer.emit({ ...event, timing: record.timing, wire: record.wire });
  }
}
