import * as vscode from 'vscode';
import { assertNever } from '../../core/errors.ts';
import type { LogLines } from '../../core/trace/logText.ts';
import type { TraceEvent, TraceLevel } from '../../core/trace/traceEvent.ts';
import { line } from '../surfaces/line.ts';
import { type LogChannel, window } from '../surfaces/window.ts';
import type { ShownName } from '../text/serverName.ts';

export type FormatTraceEvent = (event: TraceEvent) => LogLines;

const HOW_TO_SEE_MORE = line`One line a call at this level. For messages set the level of this channel to Debug, for every header and SSE event to Trace: with the gear above, or with the command "Developer: Set Log Level...".`;

/** A log channel for each server, made when the server is first used. VS Code writes it to a file, and bounds that. */
export class TraceChannels implements vscode.Disposable {
  readonly #shownName: ShownName;
  /** By the shown name: a server of another scope is another one, and has a log of its own. */
  readonly #channels = new Map<string, LogChannel>();

  constructor(shownName: ShownName) {
    this.#shownName = shownName;
  }

  /** What is read of a server now: nothing else needs to be recorded. */
  level(server: string): TraceLevel | 'off' {
    const { logLevel } = this.#channel(server);
    switch (logLevel) {
      case vscode.LogLevel.Off:
        return 'off';
      case vscode.LogLevel.Trace:
        return 'trace';
      case vscode.LogLevel.Debug:
        return 'debug';
      case vscode.LogLevel.Info:
      case vscode.LogLevel.Warning:
      case vscode.LogLevel.Error:
        return 'info';
      default:
        return assertNever(logLevel);
    }
  }

  write(event: TraceEvent, format: FormatTraceEvent): void {
    const channel = this.#channel(event.server);
    switch (event.kind) {
      case 'call':
        if (event.outcome === 'error') channel.error(format(event));
        else if (event.outcome === 'tool-error') channel.warn(format(event));
        else channel.info(format(event));
        break;
      case 'state':
        if (event.state === 'failed') channel.error(format(event));
        else channel.info(format(event));
        break;
      case 'warning':
        channel.warn(format(event));
        break;
      case 'learnt':
        channel.info(format(event));
        break;
      case 'message':
      case 'connection':
      case 'drain':
        channel.debug(format(event));
        break;
      default:
        channel.trace(format(event));
    }
  }

  show(server: string): void {
    this.#channel(server).show(true);
  }

  dispose(): void {
    for (const channel of this.#channels.values()) channel.dispose();
  }

  #channel(server: string): LogChannel {
    const shown = this.#shownName(server);
    const known = this.#channels.get(shown);
    if (known !== undefined) return known;
    const channel = window.createOutputChannel(line`Sluice: ${shown}`, { log: true });
    if (channel.logLevel === vscode.LogLevel.Info) channel.info(HOW_TO_SEE_MORE);
    this.#channels.set(shown, channel);
    return channel;
  }
}
