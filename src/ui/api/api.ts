import type { Event, Extension } from 'vscode';
import type { Delivery, Phase, SluiceErrorCode } from '../../core/errors.ts';
import type { Initiator } from '../../core/metrics/initiator.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../../core/metrics/requestTiming.ts';
import type { CallOptions, CallOutcome } from '../../core/servers/callOutcome.ts';
import type { ShownCall } from '../history/shownCall.ts';

/** A server that another extension may call. */
export interface ApiServer {
  readonly name: string;
  /** `unused`: no call was made in this window yet. `broken`: its settings have an error. */
  readonly state: 'unused' | 'broken' | 'disconnected' | 'connecting' | 'connected' | 'failed' | 'closed';
}

export interface ApiCallOptions extends Omit<CallOptions, 'initiator' | 'onRecord'> {
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
  /** Who asked for it; another extension by what it says. */
  readonly initiator: Initiator;
  /** Counted per server from 1, anew when its settings change; absent where the call failed before it came to the server's connection. */
  readonly id?: number;
  /** Numbers of its HTTP requests, counted per server likewise. */
  readonly requests: readonly number[];
  readonly end:
    | {
        readonly kind: 'result';
        /** The tool said that it failed. */
        readonly isError: boolean;
        /** Milliseconds of each phase. */
        readonly timing: RequestTiming;
        /** Which connection brought the answer. */
        readonly wire: WireInfo;
        /** What became of the rest of the response; absent until that is known. */
        readonly drain?: DrainReport;
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
  /** The same call again, with its `drain`: once for each that was answered, after `onDidCall`. */
  readonly onDidDrain: Event<ApiCall>;
}

/** What others may know of a call. @param record whose error, if it has one, is a SluiceError unless Sluice has a defect */
export function apiCall({ server, tool, time, ms, initiator, id, requests, end }: ShownCall): ApiCall {
  const known = { initiator: { ...initiator }, requests: [...requests] };
  const call = { server, tool, time, ms, ...known, ...(id === undefined ? {} : { id }) };
  if (end.kind === 'result') {
    const { result, timing, wire, drain } = end;
    const answer = { isError: result.isError === true, timing: { ...timing }, wire: { ...wire } };
    return {
      ...call,
      end: { kind: 'result', ...answer, ...(drain === undefined ? {} : { drain: { ...drain } }) },
    };
  }
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
