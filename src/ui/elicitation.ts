import * as vscode from 'vscode';
import type { ElicitRequest, ElicitResult } from '../core/mcp/mcpTypes.ts';
import { planForm } from './arguments/argumentPlan.ts';
import { askFields } from './arguments/askFields.ts';
import { plainText } from './plainText.ts';
import { warningsAbout } from './suspiciousUrl.ts';

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
    review: `Send to ${server}`,
    signal,
  });
  return form.kind === 'done' ? { action: 'accept', content: form.values } : { action: 'cancel' };
}

/** The page is opened by the user's consent only, who sees the host that it is on, and the whole address. */
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
  const accept: Item = { label: `$(link-external) Open ${target.host}`, choice: 'accept' };
  const address = wrap(target.href, 64).map((line) => line.replace(ICON, '\\$&'));
  const warnings = warningsAbout(target).map((warning) => `$(warning) ${warning}`);
  const choice = await consent(server, message, accept, signal, [...address, ...warnings]);
  if (choice !== 'accept') return { action: choice ?? 'cancel' };
  // As text: a Uri decodes what the server had encoded, so that another address would be opened than was shown.
  const isOpened = await vscode.env.openExternal(target.href as unknown as vscode.Uri);
  return { action: isOpened ? 'accept' : 'cancel' };
}

/** VS Code would draw it in a row of a list. */
const ICON = /\$\([\w~-]+\)/g;

/** Says which server asks and why, and what else there is to read. Undefined where the user left without an answer, or the server asks no more. */
function consent(
  server: string,
  message: string,
  accept: Item,
  signal: AbortSignal,
  details: readonly string[] = [],
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
  const rule: Item = { label: '', kind: vscode.QuickPickItemKind.Separator };
  const toRead = [lines.length === 1 ? [] : lines, details].filter((part) => part.length > 0);
  picker.items = [...toRead.flatMap((part) => [...part.map((label) => ({ label })), rule]), accept, decline];
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

/** A list shows a line of about this length; a word that is longer is broken, so that none of it is hidden. */
function wrap(text: string, most = 90): string[] {
  const lines: string[] = [];
  let line = '';
  const pieces = new RegExp(`.{1,${most}}`, 'gu');
  for (const word of text.split(' ').flatMap((whole) => whole.match(pieces) ?? [])) {
    if (line !== '' && line.length + word.length >= most) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
