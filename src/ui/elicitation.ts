import * as vscode from 'vscode';
import type { ElicitRequest, ElicitResult } from '../core/mcp/mcpTypes.ts';
import { planForm } from './arguments/argumentPlan.ts';
import { askFields } from './arguments/askFields.ts';
import { plainText } from './plainText.ts';

type Choice = 'accept' | 'decline';
type Item = vscode.QuickPickItem & { readonly choice?: Choice };

/** Answers a server that asks the user something while a call runs. One question is on the screen at a time. */
export class Elicitation {
  #last: Promise<unknown> = Promise.resolve();

  ask(server: string, request: ElicitRequest, signal: AbortSignal): Promise<ElicitResult> {
    const answer = this.#last.then(() => answerTo(server, request, signal));
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}

function answerTo(server: string, request: ElicitRequest, signal: AbortSignal): Promise<ElicitResult> {
  if (signal.aborted) return Promise.resolve({ action: 'cancel' });
  return request.mode === 'url' ? openUrl(server, request, signal) : fillForm(server, request, signal);
}

async function fillForm(server: string, request: ElicitRequest, signal: AbortSignal): Promise<ElicitResult> {
  const fields = planForm(request.requestedSchema);
  if (fields === undefined) {
    void vscode.window.showWarningMessage(
      `The server ${plainText(server)} asked for something that no form can hold. It was told that you cancelled.`,
    );
    return { action: 'cancel' };
  }
  const questions = fields.length === 1 ? '1 question' : `${fields.length} questions`;
  const accept: Item =
    fields.length === 0
      ? { label: '$(check) Accept', choice: 'accept' }
      : { label: '$(edit) Answer…', description: questions, detail: namesOf(fields), choice: 'accept' };
  const choice = await consent(server, request.message, accept, signal);
  if (choice !== 'accept') return { action: choice ?? 'cancel' };
  const form = await askFields(fields, {
    title: `${server} asks: ${request.message}`,
    remembered: {},
    allowJson: false,
    signal,
  });
  return form.kind === 'done' ? { action: 'accept', content: form.values } : { action: 'cancel' };
}

/** The page is opened by the user's consent only, who sees the host that it is on. */
async function openUrl(
  server: string,
  { message, url = '' }: ElicitRequest,
  signal: AbortSignal,
): Promise<ElicitResult> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !['http:', 'https:'].includes(target.protocol)) {
    void vscode.window.showWarningMessage(
      `The server ${plainText(server)} asked to open ${plainText(url, 100)}, which is no web page. It was told that you declined.`,
    );
    return { action: 'decline' };
  }
  const accept: Item = {
    label: `$(link-external) Open ${target.host}`,
    detail: target.href,
    choice: 'accept',
  };
  const choice = await consent(server, message, accept, signal);
  if (choice !== 'accept') return { action: choice ?? 'cancel' };
  const isOpened = await vscode.env.openExternal(vscode.Uri.parse(target.href, true));
  return { action: isOpened ? 'accept' : 'cancel' };
}

/** Says which server asks and why. Undefined where the user left without an answer, or the server asks no more. */
function consent(
  server: string,
  message: string,
  accept: Item,
  signal: AbortSignal,
): Promise<Choice | undefined> {
  const picker = vscode.window.createQuickPick<Item>();
  const lines = wrap(plainText(message, 800));
  picker.title = `The server ${plainText(server)} asks`;
  picker.placeholder = lines.length === 1 ? (lines[0] ?? '') : 'Read the question below. Escape cancels.';
  picker.ignoreFocusOut = true;
  const decline: Item = {
    label: '$(circle-slash) Decline',
    detail: 'The server is told that you do not answer.',
    choice: 'decline',
  };
  const question: Item[] = lines.length === 1 ? [] : lines.map((label) => ({ label }));
  const rule: Item = { label: '', kind: vscode.QuickPickItemKind.Separator };
  picker.items = [...question, ...(question.length > 0 ? [rule] : []), accept, decline];
  picker.activeItems = [accept];
  return new Promise((resolve) => {
    const leave = (): void => picker.hide();
    picker.onDidAccept(() => {
      const choice = picker.selectedItems[0]?.choice;
      if (choice === undefined) return;
      resolve(choice);
      picker.hide();
    });
    picker.onDidHide(() => {
      signal.removeEventListener('abort', leave);
      resolve(undefined);
      picker.dispose();
    });
    signal.addEventListener('abort', leave);
    picker.show();
  });
}

function namesOf(fields: readonly { readonly label: string }[]): string {
  return plainText(fields.map(({ label }) => label).join(', '), 120);
}

/** A list shows a line of about this length. */
function wrap(text: string, most = 90): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= most) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
