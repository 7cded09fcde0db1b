import { SluiceError } from '../errors.ts';
import type { LogLevel } from './mcpTypes.ts';

/** What a caller adds to the `_meta` of one request. */
export interface MetaOptions {
  /** W3C Trace Context: the span that the request belongs to (2026-07-28, basic, OpenTelemetry trace context). */
  readonly traceparent?: string | undefined;
  /** Goes with `traceparent` only. */
  readonly tracestate?: string | undefined;
  /** The least severe log message that the server may send for this request; 2026-07-28 only. */
  readonly logLevel?: LogLevel | undefined;
}

/** Version 00, trace id, parent id, flags; a later version may have more behind them. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-[!-~]*)?$/;
/** Vendors' members: visible ASCII and blanks; 512 characters are passed on by everybody. */
const TRACESTATE = /^[ -~]{1,512}$/;

/**
 * "When present, their values MUST follow W3C Trace Context."
 * @throws SluiceError `arguments-invalid`
 */
export function traceContext({ traceparent, tracestate }: MetaOptions): Record<string, string> {
  if (traceparent === undefined) return {};
  if (!TRACEPARENT.test(traceparent)) throw malformed('traceparent', traceparent);
  if (tracestate === undefined) return { traceparent };
  if (!TRACESTATE.test(tracestate)) throw malformed('tracestate', tracestate);
  return { traceparent, tracestate };
}

function malformed(name: string, value: string): SluiceError {
  return new SluiceError(
    'arguments-invalid',
    `${JSON.stringify(value.slice(0, 100))} is not a ${name} of W3C Trace Context`,
    {
      delivery: 'not-sent',
      hint: 'A traceparent looks like 00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01.',
    },
  );
}
