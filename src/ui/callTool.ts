import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { isObject } from '../core/config/readValue.ts';
import { SluiceError } from '../core/errors.ts';
import type { Tool } from '../core/mcp/mcpTypes.ts';
import { planArguments } from './arguments/argumentPlan.ts';
import { ArgumentsEditor } from './arguments/argumentsEditor.ts';
import { readArgumentsPath } from './arguments/argumentsUri.ts';
import { askFields } from './arguments/askFields.ts';
import { argumentsText } from './benchmark/wording.ts';
import type { CallHistory } from './callHistory.ts';
import type { CallRecord, ToolCall } from './callRecord.ts';
import type { Calls } from './calls.ts';
import { ACTION_BUTTONS } from './errorMessages.ts';
import type { ResultView } from './result/resultView.ts';
import { saysItReads } from './saysItReads.ts';
import type { ServerEvents } from './serverEvents.ts';
import type { Servers } from './servers.ts';
import { line, lineOf, paragraphs } from './surfaces/line.ts';
import { window } from './surfaces/window.ts';
import { ToolPicker } from './toolPicker.ts';
import type { ToolRow } from './toolRows.ts';

interface ChooseOptions {
  /** Of the list of tools. */
  readonly title: string;
  /**
   * What to do for arguments that are written in a document: `open` it, or take those that were `remembered` of the last
   * call, and open it only where there are none.
   */
  readonly documents: 'open' | 'remembered';
}

/** The way of a call through the user's hands: which tool, with which arguments, and what came of it. */
export class CallTool implements vscode.Disposable {
  readonly #servers: Servers;
  readonly #events: ServerEvents;
  readonly #history: CallHistory;
  readonly #calls: Calls;
  readonly #results: ResultView;
  readonly #editor: ArgumentsEditor;

  constructor(
    servers: Servers,
    events: ServerEvents,
    history: CallHistory,
    calls: Calls,
    results: ResultView,
  ) {
    this.#servers = servers;
    this.#events = events;
    this.#history = history;
    this.#calls = calls;
    this.#results = results;
    this.#editor = new ArgumentsEditor((server, tool) => this.#tool(server, tool), history);
  }

  /**
   * Asks for what is not given: nothing, a server and tool, or all three. It is given by whoever runs the command: a link, a key,
   * a task, another extension. Sluice's own pages and lists give nothing. So a call that the user neither picked nor wrote is made
   * after their word only, unless its tool says that it only reads.
   * @returns how the call ended; undefined where there was none
   */
  async start(from?: unknown): Promise<CallRecord | undefined> {
    const given = readGiven(from);
    const call = await this.choose(given, { title: 'Sluice: Call Tool', documents: 'open' });
    if (call === undefined) return undefined;
    const isGiven = given.tool === call.tool && isDeepStrictEqual(given.arguments ?? {}, call.arguments);
    if (isGiven && !(await this.#mayRun(call))) return undefined;
    return this.run(call);
  }

  /**
   * Asks for what is not given, and calls nothing.
   * @returns undefined where the user left, or now writes the arguments in a document
   */
  async choose(given: Partial<ToolCall>, options: ChooseOptions): Promise<ToolCall | undefined> {
    const { server, tool, arguments: args } = given;
    if (server === undefined || tool === undefined) return this.#pick(options);
    return args === undefined ? this.#ask(server, tool, false, options) : { server, tool, arguments: args };
  }

  /** Calls the tool whose arguments a document holds. */
  async fromDocument(uri: vscode.Uri): Promise<CallRecord | undefined> {
    // The user is asked for a consent or an input here; the document itself is also read in the background, which asks nobody.
    const path = readArgumentsPath(uri.path);
    if (path !== undefined) await this.#servers.connection(path.server, { interactive: true });
    const call = await this.#editor.read(uri);
    return call && this.run(call);
  }

  /** Calls, shows how it ended, and remembers it. */
  async run(call: ToolCall): Promise<CallRecord> {
    const settled = await this.#calls.run(call);
    const { record } = settled;
    void this.#history.add(call);
    if (settled.kind === 'failed') {
      this.#results.show(record);
      return record;
    }
    const { drained } = settled.outcome;
    // Most drains are over by now; then the page is right at once.
    const drain = await Promise.race([
      drained,
      new Promise<undefined>((resolve) => setImmediate(resolve, undefined)),
    ]);
    if (drain !== undefined) {
      const complete = withDrain(record, drain);
      this.#results.show(complete);
      return complete;
    }
    this.#results.show(record);
    void drained.then((late) => this.#results.update(record, withDrain(record, late)));
    return record;
  }

  dispose(): void {
    this.#editor.dispose();
  }

  async #pick(options: ChooseOptions): Promise<ToolCall | undefined> {
    const picked = await new ToolPicker(this.#servers, this.#events, this.#history).pick(
      lineOf(options.title),
    );
    switch (picked?.kind) {
      case undefined:
        return undefined;
      case 'tool':
        return this.#ask(picked.server, picked.name, picked.asJson, options);
      case 'failed':
        return (await offerWayOut(picked.row)) ? this.#pick(options) : undefined;
      case 'consent':
        return (await this.#servers.askConsent(picked.asked)) ? this.#pick(options) : undefined;
      case 'command':
        await vscode.commands.executeCommand(picked.command);
        return undefined;
    }
  }

  async #ask(
    server: string,
    name: string,
    asJson: boolean,
    { documents }: ChooseOptions,
  ): Promise<ToolCall | undefined> {
    const connection = await this.#servers.connection(server, { interactive: true });
    // The connection opens while the user still types.
    connection.warmUp();
    const shown = this.#servers.shownName(server);
    const connecting = { location: vscode.ProgressLocation.Window, title: line`Connecting to ${shown}` };
    const tool = await window.withProgress(connecting, () => this.#tool(server, name));
    const plan = asJson ? ({ kind: 'document' } as const) : planArguments(tool.inputSchema);
    switch (plan.kind) {
      case 'none':
        return { server, tool: name, arguments: {} };
      case 'document': {
        const remembered = this.#history.argumentsOf(server, name);
        if (documents === 'remembered' && remembered !== undefined)
          return { server, tool: name, arguments: remembered };
        await this.#editor.open(server, name);
        return undefined;
      }
      case 'fields': {
        const remembered = this.#history.argumentsOf(server, name) ?? {};
        const form = await askFields(plan.fields, {
          title: `${shown}: ${name}`,
          remembered,
          allowJson: true,
        });
        if (form.kind === 'done') return { server, tool: name, arguments: form.values };
        if (form.kind === 'json') await this.#editor.open(server, name, { ...remembered, ...form.values });
        return undefined;
      }
    }
  }

  async #mayRun({ server, tool, arguments: args }: ToolCall): Promise<boolean> {
    const connection = await this.#servers.connection(server, { interactive: true });
    if (await saysItReads(connection, tool)) return true;
    const text = line`Call ${tool} of the server ${server}?`;
    const detail = paragraphs(
      line`A command asks for this call: a link, a key, a task, or another extension. The tool does not say that it only reads.`,
      line`Arguments: ${argumentsText(args)}`,
    );
    const callIt = line`Call`;
    return (await window.showWarningMessage(text, { modal: true, detail }, callIt)) === callIt;
  }

  /** @throws SluiceError where the server cannot be reached without asking the user, or has no such tool */
  async #tool(server: string, name: string): Promise<Tool> {
    const connection = await this.#servers.connection(server, { interactive: false });
    const tool = (await connection.listTools()).find((candidate) => candidate.name === name);
    if (tool !== undefined) return tool;
    throw new SluiceError('not-found', `The server ${server} lists no tool named ${name}.`, {
      server,
      phase: 'response',
      delivery: 'not-sent',
      hint: 'Look at the list that Call Tool shows.',
    });
  }
}

/** What a command was given, as far as it is a call. */
function readGiven(from: unknown): Partial<ToolCall> {
  const { server, tool, arguments: args } = isObject(from) ? from : {};
  return {
    ...(typeof server === 'string' ? { server } : {}),
    ...(typeof tool === 'string' ? { tool } : {}),
    ...(isObject(args) ? { arguments: args } : {}),
  };
}

function withDrain(
  record: CallRecord,
  drain: NonNullable<(CallRecord['end'] & { kind: 'result' })['drain']>,
): CallRecord {
  return record.end.kind === 'result' ? { ...record, end: { ...record.end, drain } } : record;
}

/** Says why a server cannot be used and what to do. True where it may work now. */
async function offerWayOut(row: ToolRow & { kind: 'failed' }): Promise<boolean> {
  const { server, error } = row;
  const rows = error.actions.map((action) => ({
    label: lineOf(ACTION_BUTTONS[action].title),
    command: ACTION_BUTTONS[action].command,
  }));
  const chosen = await window.showQuickPick(rows, {
    title: line`${server}: ${error.message}`,
    placeHolder: lineOf(error.hint ?? 'What to do'),
  });
  if (chosen === undefined) return false;
  const isBack: unknown = await vscode.commands.executeCommand(chosen.command, server);
  return isBack === true;
}
