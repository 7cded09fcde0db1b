import type { SluiceError } from '../errors.ts';
import type { ToolCall } from '../mcp/tools.ts';
import { Latency, type LatencySnapshot } from '../metrics/latency.ts';
import type { Tracer } from '../trace/tracer.ts';
import type { LastCall } from './serverSnapshot.ts';

/** What became of a server's calls: percentiles, the last one, and a line in the trace for each. */
export class CallBook {
  readonly #tracer: Tracer;
  readonly #onActivity: () => void;
  readonly #latency = new Latency();
  #lastCall: LastCall | undefined;

  constructor(tracer: Tracer, onActivity: () => void) {
    this.#tracer = tracer;
    this.#onActivity = onActivity;
  }

  get lastCall(): LastCall | undefined {
    return this.#lastCall;
  }

  latency(): LatencySnapshot {
    return this.#latency.snapshot();
  }

  /** @param ms that the caller waited */
  settled(tool: string, ms: number, { result, reply: { timing, wire, drained }, asked }: ToolCall): void {
    const outcome = result.isError === true ? 'tool-error' : 'ok';
    const lastCall: LastCall = { tool, outcome, ms, timing, wire };
    // What a person took to answer the server is no latency.
    if (!asked) this.#latency.record(ms);
    this.#lastCall = lastCall;
    if (this.#tracer.wants('info')) {
      const { connection, origin, body } = wire;
      const carried = `#${connection} ${origin}, ${body === 'sse' ? 'SSE' : 'JSON'}`;
      this.#tracer.emit({ kind: 'call', title: `tools/call ${tool}`, outcome, ms, timing, wire: carried });
    }
    this.#onActivity();
    void drained.then((drain) => {
      if (this.#lastCall === lastCall) this.#lastCall = { ...lastCall, drain };
      this.#onActivity();
    });
  }

  failed(tool: string, ms: number, error: SluiceError): void {
    const outcome = error.code === 'cancelled' ? 'cancelled' : 'error';
    this.#lastCall = { tool, outcome, ms };
    if (this.#tracer.wants('info')) {
      const title = `tools/call ${tool}`;
      this.#tracer.emit({ kind: 'call', title, outcome, ms, error: `${error.message} [${error.code}]` });
    }
    this.#onActivity();
  }
}
