import * as vscode from 'vscode';
import type { CallOptions, CallOutcome } from '../core/connections/callOutcome.ts';
import type { ServerConnection } from '../core/connections/serverConnection.ts';
import { CallProgress } from './callProgress.ts';
import type { CallEnd, CallRecord, ToolCall } from './callRecord.ts';
import type { Servers } from './servers.ts';

export type SettledCall =
  | { readonly kind: 'answered'; readonly record: CallRecord; readonly outcome: CallOutcome }
  | { readonly kind: 'failed'; readonly record: CallRecord; readonly error: unknown };

/**
 * What has to be asked before a call: a question that says whether it may go out, or undefined where there is none.
 * @throws where that cannot be found out: the call fails so
 */
export type QuestionBefore = (
  connection: ServerConnection,
  signal: AbortSignal,
) => Promise<(() => Promise<boolean>) | undefined>;

/** Calls tools, and knows which calls are under way. */
export class Calls implements vscode.Disposable {
  readonly #servers: Servers;
  readonly #running = new Set<AbortController>();
  readonly #called = new vscode.EventEmitter<CallRecord>();

  /** A call settled, whoever asked for it. */
  readonly onDidCall = this.#called.event;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /**
   * Calls a tool for a program: nobody is asked, nothing is shown.
   * @throws SluiceError
   */
  async call(call: ToolCall, options: CallOptions = {}): Promise<CallOutcome> {
    const settled = await this.#settle(call, options, false, async () => true);
    if (settled?.kind !== 'answered') throw settled?.error;
    return settled.outcome;
  }

  /**
   * Calls a tool for the user: one that takes its time shows its progress, and can be cancelled there.
   * @returns undefined where the user, who was asked before it, does not want the call
   */
  async run(call: ToolCall, questionBefore: QuestionBefore): Promise<SettledCall | undefined> {
    const controller = new AbortController();
    const show = (): CallProgress =>
      new CallProgress(`${call.server}: ${call.tool}`, () => controller.abort());
    let progress = show();
    const mayCall = async (connection: ServerConnection, signal: AbortSignal): Promise<boolean> => {
      const question = await questionBefore(connection, signal);
      if (question === undefined) return true;
      progress.end();
      const isWanted = await question();
      progress = show();
      return isWanted;
    };
    try {
      return await this.#settle(
        call,
        { signal: controller.signal, onProgress: (update) => progress.report(update) },
        true,
        mayCall,
      );
    } finally {
      progress.end();
    }
  }

  /** Cancels every call that is under way. */
  cancelAll(): void {
    for (const controller of this.#running) controller.abort();
  }

  dispose(): void {
    this.cancelAll();
    this.#called.dispose();
  }

  async #settle(
    call: ToolCall,
    options: CallOptions,
    interactive: boolean,
    mayCall: (connection: ServerConnection, signal: AbortSignal) => Promise<boolean>,
  ): Promise<SettledCall | undefined> {
    const { server, tool, arguments: args } = call;
    const controller = new AbortController();
    const signals = options.signal === undefined ? [] : [options.signal];
    const signal = AbortSignal.any([controller.signal, ...signals]);
    const time = Date.now();
    let started = performance.now();
    const settled = (end: CallEnd, ms: number): CallRecord => {
      const record = { server, tool, arguments: args, time, ms, end };
      this.#called.fire(record);
      return record;
    };
    this.#running.add(controller);
    try {
      const connection = await this.#servers.connection(server, { interactive });
      if (!(await mayCall(connection, signal))) return undefined;
      // Not what the user took to enter a token, or to answer what is asked before.
      started = performance.now();
      const outcome = await connection.callTool(tool, { ...args }, { ...options, signal });
      const { result, ms, timing, wire, violations } = outcome;
      const record = settled({ kind: 'result', result, timing, wire, violations }, ms);
      return { kind: 'answered', record, outcome };
    } catch (error) {
      return {
        kind: 'failed',
        record: settled({ kind: 'error', error }, performance.now() - started),
        error,
      };
    } finally {
      this.#running.delete(controller);
    }
  }
}
