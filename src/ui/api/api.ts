import type { Event, Extension } from 'vscode';
import type { CallOptions, CallOutcome } from '../../core/connections/callOutcome.ts';
import type { Delivery, Phase, SluiceErrorCode } from '../../core/errors.ts';
import type { RequestTiming } from '../../core/metrics/requestTiming.ts';
import type { CallRecord } from '../history/callRecord.ts';

/** A server that another extension may call. */
export interface ApiServer {
  readonly name: string;
  /** `unused`: no call was made in this window yet. `broken`: its settings have an error. */
  readonly state: 'unused' | 'broken' | 'disconnected' | 'connecting' | 'connected' | 'failed' | 'closed';
}

export interface ApiCallOptions extends CallOptions {
  /**
   * Who calls: `context.extension` of the caller. VS Code does not tell whose code runs, so that the caller has to say it; without,
   * the user is asked about “an extension”, and again in each window.
   */
  readonly extension?: Pick<Extension<unknown>, 'id'>;
}

/** How a call settled that the user or any extension made: none of what was sent or came back. */
export interface ApiCall {
  readonly server: string;
  readonly tool: string;
  /** Milliseconds since the epoch when it was asked for. */
  readonly time: number;
  /** Milliseconds the caller waited, the server's handshake included. */
  readonly ms: number;
  readonly end:
    | {
        readonly kind: 'result';
        /** The tool said that it failed. */
        readonly isError: boolean;
        /** Milliseconds of each phase. */
        readonly timing: RequestTiming;
      }
    | {
        readonly kind: 'error';
        readonly code: SluiceErrorCode;
        readonly phase: Phase | undefined;
        readonly delivery: Delivery;
      };
}

/**
 * What Sluice offers to other extensions:
 * `(await vscode.extensions.getExtension('sluice.sluice')?.activate()) as SluiceApi`.
 */
export interface SluiceApi {
  /**
   * Calls a tool and resolves as soon as its answer is there. The server is connected as needed. Before the first call of a tool
   * that does not say that it only reads, the user is asked whether this extension may call tools of this server.
   * @param server its name in `sluice.servers`
   * @throws SluiceError, with a stable `code`: `not-allowed` where the user will not
   */
  call(
    server: string,
    tool: string,
    args?: Readonly<Record<string, unknown>>,
    options?: ApiCallOptions,
  ): Promise<CallOutcome>;
  /** The servers that are enabled. */
  servers(): readonly ApiServer[];
  /** A call settled, whether an extension or the user asked for it. */
  readonly onDidCall: Event<ApiCall>;
}

/** What others may know of a call. @param record whose error, if it has one, is a SluiceError unless Sluice has a defect */
export function apiCall({ server, tool, time, ms, end }: CallRecord): ApiCall {
  const call = { server, tool, time, ms };
  if (end.kind === 'result')
    return {
      ...call,
      end: { kind: 'result', isError: end.result.isError === true, timing: { ...end.timing } },
    };
  const {
    code = 'internal',
    phase,
    delivery = 'unknown',
  } = end.error as {
    readonly code?: SluiceErrorCode;
    readonly phase?: Phase;
    readonly delivery?: Delivery;
  };
  return { ...call, end: { kind: 'error', code, phase, delivery } };
}
