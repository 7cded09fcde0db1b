import * as vscode from 'vscode';
import { assertNever } from '../../core/errors.ts';
import { levelOf, type TraceEvent, type TraceLevel } from '../../core/trace/traceEvent.ts';
import { line } from '../surfaces/line.ts';
import { type LogChannel, window } from '../surfaces/window.ts';
import type { ShownName } from '../text/serverName.ts';
import { formatTraceEvent } from './formatTrace.ts';

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

  write(event: TraceEvent): void {
    // The line of the drain has told that the response is over.
    if (event.kind === 'http-end' && event.how === 'end') return;
    const channel = this.#channel(event.server);
    const lines = formatTraceEvent(event);
    const level = levelOf(event.kind);
    switch (level) {
      case 'info':
        return channel[severityOf(event)](lines);
      case 'debug':
        return channel.debug(lines);
      case 'trace':
        return channel.trace(lines);
      default:
        return assertNever(level);
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

/** Of an event that is always told. */
function severityOf(event: TraceEvent): 'info' | 'warn' | 'error' {
  switch (event.kind) {
    case 'call':
      return event.outcome === 'error' ? 'error' : event.outcome === 'tool-error' ? 'warn' : 'info';
    case 'state':
      return event.state === 'failed' ? 'error' : 'info';
    case 'warning':
      return 'warn';
    default:
      return 'info';
  }
}
