import * as vscode from 'vscode';
import { untilAborted } from '../../core/async/untilAborted.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Initiator } from '../../core/metrics/initiator.ts';
import type { CallOptions, CallOutcome } from '../../core/servers/callOutcome.ts';
import type { CallRecord } from '../../core/servers/callRecord.ts';
import type { McpServer } from '../../core/servers/mcpServer.ts';
import type { CallEnd, ShownCall, ToolCall } from '../history/shownCall.ts';
import type { Servers } from '../servers/servers.ts';
import { line } from '../surfaces/line.ts';
import { CallProgress } from './callProgress.ts';

export type SettledCall =
  | { readonly kind: 'answered'; readonly record: ShownCall; readonly outcome: CallOutcome }
  | { readonly kind: 'failed'; readonly record: ShownCall; readonly error: unknown };

/** Asks whether a call may be made, and rejects where not. Aborting ends the wait for it. */
export type Permit = (signal: AbortSignal) => Promise<void>;

/**
 * What has to be asked before a call: a question that says whether it may go out, or undefined where there is none.
 * @throws where that cannot be found out: the call fails so
 */
export type QuestionBefore = (
  connection: McpServer,
  signal: AbortSignal,
) => Promise<(() => Promise<boolean>) | undefined>;

interface SettleOptions {
  readonly initiator: Initiator;
  readonly interactive: boolean;
  readonly permit?: Permit;
  readonly mayCall?: (connection: McpServer, signal: AbortSignal) => Promise<boolean>;
}

/** Calls tools, and knows which calls are under way. */
export class Calls implements vscode.Disposable {
  readonly #servers: Servers;
  readonly #running = new Set<AbortController>();
  readonly #called = new vscode.EventEmitter<ShownCall>();
  readonly #drained = new vscode.EventEmitter<ShownCall>();
  readonly #begun = new vscode.EventEmitter<string>();
  /** Servers of the calls that the user waits for, one for each call. */
  readonly #awaited: string[] = [];

  /** A call settled, whoever asked for it. */
  readonly onDidCall = this.#called.event;

  /** It is known what became of the rest of a call's response: once for each that was answered, after `onDidCall`. */
  readonly onDidDrain = this.#drained.event;

  /** The user calls a tool of a server, whose name this is. */
  readonly onDidBegin = this.#begun.event;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /**
   * Calls a tool for a program: nothing is shown. Its record goes to `onDidCall` and `onDidDrain`.
   * @param permit rejects where the call is not to be made
   * @throws SluiceError
   */
  async call(
    call: ToolCall,
    options: CallOptions,
    initiator: Initiator,
    permit: Permit,
  ): Promise<CallOutcome> {
    const settled = await this.#settle(call, options, { initiator, interactive: false, permit });
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
      new CallProgress(line`${this.#servers.shownName(call.server)}: ${call.tool}`, () => controller.abort());
    let progress = show();
    const mayCall = async (connection: McpServer, signal: AbortSignal): Promise<boolean> => {
      const question = await questionBefore(connection, signal);
      if (question === undefined) return true;
      progress.end();
      const isWanted = await question();
      progress = show();
      return isWanted;
    };
    this.#awaited.push(call.server);
    this.#begun.fire(call.server);
    try {
      return await this.#settle(
        call,
        { signal: controller.signal, onProgress: (update) => progress.report(update) },
        { initiator: { kind: 'user' }, interactive: true, mayCall },
      );
    } finally {
      progress.end();
      this.#awaited.splice(this.#awaited.indexOf(call.server), 1);
    }
  }

  /** The user waits for a call of this server, and so may expect to be asked. */
  isAwaited(server: string): boolean {
    return this.#awaited.includes(server);
  }

  /** Cancels every call that is under way. */
  cancelAll(): void {
    for (const controller of this.#running) controller.abort();
  }

  dispose(): void {
    this.cancelAll();
    this.#called.dispose();
    this.#drained.dispose();
    this.#begun.dispose();
  }

  #tellDrain(record: ShownCall): void {
    if (record.end.kind === 'result' && record.end.drain !== undefined) this.#drained.fire(record);
  }

  async #settle(
    call: ToolCall,
    options: CallOptions,
    { initiator, interactive, permit, mayCall }: SettleOptions,
  ): Promise<SettledCall | undefined> {
    const { server, tool, arguments: args } = call;
    const controller = new AbortController();
    // A signal made of others costs several times as much as one, and most calls bring none.
    const signal =
      options.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, options.signal]);
    const time = Date.now();
    let started = performance.now();
    let recorded: CallRecord | undefined;
    let record: ShownCall | undefined;
    const settled = (end: CallEnd, ms: number): ShownCall => {
      const shownServer = this.#servers.shownName(server);
      const { id, requests = [] } = recorded ?? {};
      const known = id === undefined ? { requests } : { id, requests };
      record = { server, shownServer, tool, arguments: args, time, ms, initiator, ...known, end };
      this.#called.fire(record);
      this.#tellDrain(record);
      return record;
    };
    const onRecord = (known: CallRecord): void => {
      recorded = known;
      if (record?.end.kind !== 'result' || 'error' in known || known.drain === undefined) return;
      this.#tellDrain({ ...record, end: { ...record.end, drain: known.drain } });
    };
    this.#running.add(controller);
    try {
      if (permit !== undefined) await untilAborted(permit(signal), signal, notSent);
      const connection = await this.#servers.connection(server, { interactive });
      if (mayCall !== undefined && !(await mayCall(connection, signal))) return undefined;
      // Not what the user took to enter a token, or to answer what is asked before.
      started = performance.now();
      const outcome = await connection.callTool(
        tool,
        { ...args },
        { ...options, initiator, signal, onRecord },
      );
      // Most drains are over then, and the page that shows the call is right at once.
      if (interactive) await new Promise((resolve) => setImmediate(resolve));
      return { kind: 'answered', record: settled(endOf(outcome, recorded), outcome.ms), outcome };
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

/** @param recorded its drain, where that is known by now */
function endOf({ drained: _, ...answer }: CallOutcome, recorded: CallRecord | undefined): CallEnd {
  const drain = recorded === undefined || 'error' in recorded ? undefined : recorded.drain;
  return { kind: 'result', ...answer, ...(drain === undefined ? {} : { drain }) };
}

function notSent(): SluiceError {
  return new SluiceError('cancelled', 'The call was cancelled', { delivery: 'not-sent' });
}
