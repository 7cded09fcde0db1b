import type * as vscode from 'vscode';
import type { UiContext } from '../servers/uiContext.ts';
import { ResultView } from './resultView.ts';

export function registerResult({ documents, subscriptions }: UiContext) {
  const results = new ResultView(documents);
  subscriptions.push(results);
  const commands = {
    copyResult: () => results.copy(),
    openResultAsJson: () => results.openAsJson(),
    openResultPart: (part: unknown) => results.openPart(part),
    saveResultPart: (part: unknown, target?: vscode.Uri) => results.savePart(part, target),
  };
  return { results, commands };
}
