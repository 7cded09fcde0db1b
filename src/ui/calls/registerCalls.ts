import * as vscode from 'vscode';
import { ARGUMENTS_SCHEME } from '../arguments/argumentsUri.ts';
import type { ResultView } from '../result/resultView.ts';
import type { UiContext } from '../servers/uiContext.ts';
import { Calls } from './calls.ts';
import { CallTool } from './callTool.ts';

/** @param results the page on which a call's end is shown */
export function registerCalls(
  { servers, history, documents, subscriptions }: UiContext,
  results: ResultView,
) {
  const calls = new Calls(servers);
  const callTool = new CallTool(servers, history, calls, results, documents);
  subscriptions.push(
    callTool,
    calls,
    calls.onDidDrain((record) => results.update(record)),
  );
  const commands = {
    callTool: (given?: unknown) => callTool.start(given),
    repeatLastCall: () => callTool.repeat(history.last),
    repeatShownCall: () => callTool.repeat(results.shown),
    cancelCalls: () => calls.cancelAll(),
    callFromDocument: (uri?: vscode.Uri) => {
      const target = uri ?? vscode.window.activeTextEditor?.document.uri;
      return target?.scheme === ARGUMENTS_SCHEME ? callTool.fromDocument(target) : undefined;
    },
  };
  return { calls, callTool, commands };
}
