import type { Event } from 'vscode';
import type { CallOptions, CallOutcome } from '../core/connections/callOutcome.ts';
import type { CallRecord } from './callRecord.ts';

/** A server that another extension may call. */
export interface ApiServer {
  readonly name: string;
  /** `unused`: no call was made in this window yet. `broken`: its settings have an error. */
  readonly state: 'unused' | 'broken' | 'disconnected' | 'connecting' | 'connected' | 'failed' | 'closed';
}

/**
 * What Sluice offers to other extensions:
 * `(await vscode.extensions.getExtension('sluice.sluice')?.activate()) as SluiceApi`.
 */
export interface SluiceApi {
  /**
   * Calls a tool and resolves as soon as its answer is there. The server is connected as needed. The user is asked for
   * nothing but what the tool itself asks.
   * @param server its name in `sluice.servers`
   * @throws SluiceError, with a stable `code`
   */
  call(
    server: string,
    tool: string,
    args?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<CallOutcome>;
  /** The servers that are enabled. */
  servers(): readonly ApiServer[];
  /** A call settled, whether an extension or the user asked for it. */
  readonly onDidCall: Event<CallRecord>;
}
