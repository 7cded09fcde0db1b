import * as vscode from 'vscode';
import type { Diagnosis, DiagnosisLimits, Probe } from '../../core/diagnosis/diagnosis.ts';
import type { DiagnosisProgress } from '../../core/diagnosis/runDiagnosis.ts';
import { isSluiceError } from '../../core/errors.ts';
import type { McpServer } from '../../core/index.ts';
import type { Implementation } from '../../core/mcp/mcpTypes.ts';
import { shownArguments } from '../arguments/secretArguments.ts';
import type { CallTool } from '../calls/callTool.ts';
import { type Confirmation, confirmCall } from '../calls/confirmCall.ts';
import type { ReadonlyDocuments } from '../pages/readonlyDocuments.ts';
import type { ConnectionCommands } from '../servers/connectionCommands.ts';
import type { Servers } from '../servers/servers.ts';
import { fileName, type Line, line } from '../surfaces/line.ts';
import { pickRow } from '../surfaces/pickRow.ts';
import { window } from '../surfaces/window.ts';
import { formatMs } from '../text/formatMs.ts';
import { schemaOf, type ToolWord, toolWord } from '../tools/toolWord.ts';
import { askProbe } from './askProbe.ts';
import { describeProbe, diagnosisMarkdown } from './diagnosisMarkdown.ts';

/** What a diagnosis may be given; what is missing is asked of the user. */
export interface DiagnosisRequest {
  readonly server?: string;
  readonly probe?: Probe;
  readonly duration?: 'short' | 'long';
}

export interface DiagnosisRooms {
  readonly servers: Servers;
  readonly connections: ConnectionCommands;
  readonly callTool: CallTool;
  readonly documents: ReadonlyDocuments;
  /** How Sluice introduces itself. */
  readonly clientInfo: Implementation;
}

const STEPS: Readonly<Record<DiagnosisProgress['step'], Line>> = {
  connecting: line`connecting`,
  'at-once': line`one call after another`,
  rested: line`calls after a rest`,
  fresh: line`calls on new connections`,
  timing: line`the smallest requests, one by one`,
  watching: line`watching what stays open`,
};

/** The way of a diagnosis through the user's hands, up to the report. */
export class Diagnoses {
  readonly #rooms: DiagnosisRooms;

  constructor(rooms: DiagnosisRooms) {
    this.#rooms = rooms;
  }

  /** @returns what was seen, also where it was cancelled half way; undefined where nothing was asked */
  async start(given: DiagnosisRequest = {}): Promise<Diagnosis | undefined> {
    const { servers, connections, callTool } = this.#rooms;
    const server = given.server ?? (await connections.pick(line`Diagnose which server?`));
    if (server === undefined) return undefined;
    const connection = await servers.connection(server, { interactive: true });
    const probe = given.probe ?? (await this.#askProbe(connection));
    if (probe === undefined) return undefined;
    const word = probe.kind === 'ping' ? undefined : await toolWord(connection, probe.tool);
    const shown = shownProbe(probe, word);
    const shownServer = servers.shownName(server);
    const limits = await askLimits(shownServer, shown, given.duration);
    if (limits === undefined) return undefined;
    const answer = await mayProbe(shownServer, shown, word, limits);
    if (answer === 'look' && probe.kind === 'tool') await callTool.openArguments({ ...probe, server });
    if (answer !== 'call') return undefined;
    const diagnosis = await this.#run(connection, probe, limits);
    if (diagnosis !== undefined) await this.#show({ ...diagnosis, probe: shown }, connection);
    return diagnosis;
  }

  async #askProbe(connection: McpServer): Promise<Probe | undefined> {
    const { name: server } = connection;
    const shownServer = this.#rooms.servers.shownName(server);
    const location = vscode.ProgressLocation.Window;
    const [info, tools] = await window.withProgress(
      { location, title: line`Connecting to ${shownServer}` },
      () => Promise.all([connection.connect(), connection.listTools()]),
    );
    return askProbe({
      shownServer,
      era: info.era,
      tools,
      askArguments: (tool) =>
        this.#rooms.callTool.choose(
          { server, tool },
          { title: 'Sluice: Diagnose Server', documents: 'remembered', proceed: line`Go On` },
        ),
    });
  }

  async #run(connection: McpServer, probe: Probe, limits: DiagnosisLimits): Promise<Diagnosis | undefined> {
    const { runDiagnosis } = await import('../../core/diagnosis/runDiagnosis.ts');
    const { clientInfo } = this.#rooms;
    const location = vscode.ProgressLocation.Notification;
    const title = line`Diagnosis of ${this.#rooms.servers.shownName(connection.name)}`;
    return window.withProgress({ location, title, cancellable: true }, async (bar, cancel) => {
      const controller = new AbortController();
      cancel.onCancellationRequested(() => controller.abort());
      let shown = 0;
      try {
        return await runDiagnosis(connection.config, {
          probe,
          limits,
          clientInfo,
          signal: controller.signal,
          onProgress: ({ step, probes, of }) => {
            bar.report({ increment: ((probes - shown) / of) * 100, message: STEPS[step] });
            shown = probes;
          },
        });
      } catch (error) {
        // Before the server was connected there is nothing to report.
        if (isSluiceError(error) && controller.signal.aborted) return undefined;
        throw error;
      }
    });
  }

  async #show(diagnosis: Diagnosis, connection: McpServer): Promise<void> {
    const { servers, documents, clientInfo } = this.#rooms;
    const shownServer = servers.shownName(connection.name);
    const report = diagnosisMarkdown(diagnosis, {
      shownServer,
      version: clientInfo.version,
      learnt: connection.snapshot().findings,
    });
    const uri = documents.page(`/${fileName(`Diagnosis of ${shownServer}`, '.md')}`, report);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }
}

/** Asks how long to watch; what each choice does is said beforehand. */
async function askLimits(
  shownServer: string,
  probe: Probe,
  given: DiagnosisRequest['duration'],
): Promise<DiagnosisLimits | undefined> {
  const { SHORT_DIAGNOSIS, LONG_DIAGNOSIS, mostRequests } = await import(
    '../../core/diagnosis/runDiagnosis.ts'
  );
  if (given !== undefined) return given === 'short' ? SHORT_DIAGNOSIS : LONG_DIAGNOSIS;
  const items = [
    { label: line`Short`, limits: SHORT_DIAGNOSIS },
    { label: line`Long`, limits: LONG_DIAGNOSIS },
  ].map(({ label, limits }) => ({
    label,
    description: line`up to ${formatMs(limits.duration)}`,
    detail: line`${limits.probes} calls at most, in up to ${mostRequests(limits)} HTTP requests; what stays open is watched for ${formatMs(limits.watch)}`,
    limits,
  }));
  const title = line`Sluice: Diagnose ${shownServer} with ${describeProbe(probe)}`;
  return (await pickRow(items, { title, placeHolder: line`How long` }))?.limits;
}

/** What is asked, as the report and the questions before it tell it: the report is made to be passed on. */
function shownProbe(probe: Probe, word: ToolWord | undefined): Probe {
  if (probe.kind === 'ping') return probe;
  return { ...probe, arguments: shownArguments(probe.arguments, word && schemaOf(word)) };
}

/** A tool that may change something is called thirty times only after the user has said so. */
async function mayProbe(
  shownServer: string,
  probe: Probe,
  word: ToolWord | undefined,
  { probes }: DiagnosisLimits,
): Promise<Confirmation> {
  if (probe.kind === 'ping' || word?.kind === 'reads') return 'call';
  return confirmCall(
    line`Call ${probe.tool} up to ${probes} times on ${shownServer}?`,
    line`The tool does not say that it only reads: each call may change something.`,
    probe.arguments,
  );
}
