import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { isObject } from '../../core/config/readValue.ts';
import { SluiceError, sentence } from '../../core/errors.ts';
import type { Tool } from '../../core/mcp/mcpTypes.ts';
import { type ArgumentPlan, planArguments } from '../arguments/argumentPlan.ts';
import { readArgumentsPath } from '../arguments/argumentsUri.ts';
import { askArguments } from '../arguments/askArguments.ts';
import type { Remembered } from '../arguments/callDraft.ts';
import { isSchemaObject } from '../arguments/schemaObject.ts';
import { shownArguments } from '../arguments/secretArguments.ts';
import { memberSkeleton } from '../arguments/skeleton.ts';
import type { CallHistory } from '../history/callHistory.ts';
import type { ShownCall, ToolCall } from '../history/shownCall.ts';
import type { ReadonlyDocuments } from '../pages/readonlyDocuments.ts';
import type { ResultView } from '../result/resultView.ts';
import type { Servers } from '../servers/servers.ts';
import { fileName, type Line, line, lineOf } from '../surfaces/line.ts';
import { pickRow } from '../surfaces/pickRow.ts';
import { window } from '../surfaces/window.ts';
import { ACTION_BUTTONS } from '../text/errorMessages.ts';
import { readsOnly } from '../tools/toolHints.ts';
import { toolText } from '../tools/toolText.ts';
import { schemaOf, type ToolWord, toolWord } from '../tools/toolWord.ts';
import { ArgumentsEditor } from './argumentsEditor.ts';
import { CallGate } from './callGate.ts';
import type { CallOrigin } from './callQuestion.ts';
import type { Calls } from './calls.ts';
import type { Confirmation } from './confirmCall.ts';
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
  /** What the row says that goes on with the arguments as they are. */
  readonly proceed: Line;
}

const CALL: ChooseOptions = { title: 'Sluice: Call Tool', documents: 'open', proceed: line`Call` };

/** The way of a call through the user's hands: which tool, with which arguments, and what came of it. */
export class CallTool implements vscode.Disposable {
  readonly #servers: Servers;
  readonly #history: CallHistory;
  readonly #calls: Calls;
  readonly #results: ResultView;
  readonly #documents: ReadonlyDocuments;
  readonly #editor: ArgumentsEditor;
  readonly #gate = new CallGate();

  constructor(
    servers: Servers,
    history: CallHistory,
    calls: Calls,
    results: ResultView,
    documents: ReadonlyDocuments,
  ) {
    this.#servers = servers;
    this.#history = history;
    this.#calls = calls;
    this.#results = results;
    this.#documents = documents;
    this.#editor = new ArgumentsEditor(
      (server, tool) => this.#tool(server, tool),
      history,
      (server) => servers.shownName(server),
    );
  }

  /**
   * Asks for what is not given: nothing, a server and tool, or all three. It is given by whoever runs the command: a link, a key,
   * a task, another extension. Sluice's own pages and lists give nothing. So a call that the user neither picked nor wrote is made
   * after their word only, unless its tool says that it only reads.
   * @returns how the call ended; undefined where there was none
   */
  async start(from?: unknown): Promise<ShownCall | undefined> {
    const given = readGiven(from);
    const call = await this.choose(given, CALL);
    if (call === undefined) return undefined;
    const isGiven = given.tool === call.tool && isDeepStrictEqual(given.arguments ?? {}, call.arguments);
    return this.run(call, isGiven ? 'command' : 'user');
  }

  /** A call once more, as the user made it. What of it was not kept is asked for. */
  async repeat(last: Partial<ToolCall> = {}): Promise<ShownCall | undefined> {
    const call = await this.choose(last, CALL);
    return call && this.run(call);
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
  async fromDocument(uri: vscode.Uri): Promise<ShownCall | undefined> {
    // The user is asked for a consent or an input here; the document itself is also read in the background, which asks nobody.
    const path = readArgumentsPath(uri.path);
    if (path !== undefined) await this.#servers.connection(path.server, { interactive: true });
    const read = await this.#editor.read(uri);
    if (read === undefined) return undefined;
    return this.run(read.call, read.isOwn ? 'user' : 'document', () => this.#editor.trust(uri));
  }

  /**
   * Calls, shows how it ended, and remembers it. Every call on the user's screen comes through here, and so through the gate.
   * @param onAllowed the user was asked, and said yes
   * @returns undefined where the user did not want the call
   */
  async run(
    call: ToolCall,
    origin: CallOrigin = 'user',
    onAllowed?: () => void,
  ): Promise<ShownCall | undefined> {
    let word: ToolWord | undefined;
    const settled = await this.#calls.run(call, async (connection, signal) => {
      word = await toolWord(connection, call.tool, signal);
      const ask = this.#gate.questionBefore(call, this.#servers.shownName(call.server), origin, word);
      return ask && (() => this.#mayCall(call, origin, ask, onAllowed));
    });
    if (settled === undefined) return undefined;
    const schema = word && schemaOf(word);
    const shown = schema && shownArguments(call.arguments, schema);
    const record: ShownCall = { ...settled.record, shownArguments: shown };
    void this.#history.add(call, schema);
    this.#results.show(record);
    return record;
  }

  /** Shows the arguments of a call in their document. */
  openArguments({ server, tool, arguments: args }: ToolCall): Promise<void> {
    return this.#editor.open(server, tool, args);
  }

  /** The documents in which arguments are written. */
  get argumentsFiles(): vscode.FileSystemProvider {
    return this.#editor.files;
  }

  dispose(): void {
    this.#editor.dispose();
  }

  async #pick(options: ChooseOptions): Promise<ToolCall | undefined> {
    const about = (server: string, tool: Tool): void => void this.#showAbout(server, tool);
    const picker = new ToolPicker(this.#servers, this.#history, about);
    const picked = await picker.pick(lineOf(options.title));
    switch (picked?.kind) {
      case undefined:
        return undefined;
      case 'tool':
        return this.#ask(picked.server, picked.name, picked.asJson, options);
      case 'failed':
        return (await offerWayOut(picked.row, this.#servers.shownName(picked.row.server)))
          ? this.#pick(options)
          : undefined;
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
    { documents, proceed }: ChooseOptions,
  ): Promise<ToolCall | undefined> {
    const connection = await this.#servers.connection(server, { interactive: true });
    // The connection opens while the user still types.
    connection.warmUp();
    const shown = this.#servers.shownName(server);
    const connecting = { location: vscode.ProgressLocation.Window, title: line`Connecting to ${shown}` };
    const tool = await window.withProgress(connecting, () => this.#tool(server, name));
    const remembered = this.#history.remembered(server, name);
    const plan = asJson ? ({ kind: 'document' } as const) : planFor(tool, remembered);
    switch (plan.kind) {
      case 'none':
        return { server, tool: name, arguments: {} };
      case 'document': {
        if (documents === 'remembered' && remembered?.withheld.length === 0)
          return { server, tool: name, arguments: remembered.arguments };
        await this.#editor.open(server, name);
        return undefined;
      }
      case 'fields': {
        const form = await askArguments(plan.fields, plan.members, {
          title: `${shown}: ${name}`,
          schema: tool.inputSchema,
          remembered,
          readsOnly: readsOnly(tool),
          proceed,
          about: () => void this.#showAbout(server, tool),
        });
        if (form.kind === 'done') return { server, tool: name, arguments: form.arguments };
        if (form.kind === 'json')
          await this.#editor.open(server, name, withMember(tool, form.arguments, form.at), form.at);
        return undefined;
      }
    }
  }

  async #mayCall(
    call: ToolCall,
    origin: CallOrigin,
    ask: () => Promise<Confirmation>,
    onAllowed: (() => void) | undefined,
  ): Promise<boolean> {
    const answer = await ask();
    if (answer === 'call') onAllowed?.();
    // A document shows what it holds.
    if (answer === 'look' && origin === 'document') await this.#editor.open(call.server, call.tool);
    else if (answer === 'look') await this.openArguments(call);
    return answer === 'call';
  }

  /** Beside the question that is open: the focus stays there. */
  #showAbout(server: string, tool: Tool): Promise<void> {
    const shown = this.#servers.shownName(server);
    const path = `/${fileName(shown, '')}/${fileName(`${tool.name} about`, '.txt')}`;
    return this.#documents.show(path, toolText(shown, tool), { preserveFocus: true });
  }

  /** @throws SluiceError where the server cannot be reached without asking the user, or has no such tool */
  async #tool(server: string, name: string): Promise<Tool> {
    const connection = await this.#servers.connection(server, { interactive: false });
    const tool = (await connection.listTools()).find((candidate) => candidate.name === name);
    if (tool !== undefined) return tool;
    throw new SluiceError(
      'not-found',
      sentence(`The server ${this.#servers.shownName(server)} lists no tool named ${name}`),
      {
        server,
        phase: 'response',
        delivery: 'not-sent',
        hint: 'Look at the list that Call Tool shows.',
      },
    );
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

/** Without members to ask for there is still what the tool was called with. */
function planFor(tool: Tool, remembered: Remembered | undefined): ArgumentPlan {
  const plan = planArguments(tool.inputSchema);
  const isKnown = remembered !== undefined && Object.keys(remembered.arguments).length > 0;
  return plan.kind === 'none' && isKnown ? { kind: 'fields', fields: [], members: [] } : plan;
}

/** The arguments with a member to write on with, where it is one that is not there yet. */
function withMember(
  { inputSchema }: Tool,
  args: Readonly<Record<string, unknown>>,
  name: string | undefined,
): Readonly<Record<string, unknown>> {
  if (name === undefined || Object.hasOwn(args, name)) return args;
  const { properties } = inputSchema;
  const member = isSchemaObject(properties) ? properties[name] : undefined;
  return { ...args, [name]: memberSkeleton(inputSchema, member) };
}

/** Says why a server cannot be used and what to do. True where it may work now. */
async function offerWayOut(row: ToolRow & { kind: 'failed' }, shownServer: string): Promise<boolean> {
  const { server, error } = row;
  const rows = error.actions.map((action) => ({
    label: lineOf(ACTION_BUTTONS[action].title),
    command: ACTION_BUTTONS[action].command,
  }));
  const chosen = await pickRow(rows, {
    title: line`${shownServer}: ${error.message}`,
    placeHolder: lineOf(error.hint ?? 'What to do'),
  });
  if (chosen === undefined) return false;
  const isBack: unknown = await vscode.commands.executeCommand(chosen.command, server);
  return isBack === true;
}
