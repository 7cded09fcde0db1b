import * as vscode from 'vscode';
import { numberText } from '../../core/jsonrpc/exactJson.ts';
import { plainText } from '../plainText.ts';
import type { ArgumentField } from './argumentField.ts';
import type { Answer } from './askFields.ts';

export interface ReviewOptions {
  /** Who asks, and for what. */
  readonly title: string;
  /** What the row that sends the answers says. */
  readonly send: string;
  /** Aborting closes the list. */
  readonly signal?: AbortSignal;
}

export type Review =
  | { readonly kind: 'send' }
  | { readonly kind: 'change'; readonly field: ArgumentField }
  | { readonly kind: 'cancelled' };

type Row = vscode.QuickPickItem & { readonly review: Review };

/** Shows all answers before they leave: "allow users to review and modify their responses before sending". */
export function reviewAnswers(
  fields: readonly ArgumentField[],
  answers: ReadonlyMap<string, Answer>,
  { title, send, signal }: ReviewOptions,
): Promise<Review> {
  const picker = vscode.window.createQuickPick<Row>();
  picker.title = plainText(title, 120);
  picker.placeholder = 'These are your answers. Pick one to change it. Escape cancels.';
  picker.ignoreFocusOut = true;
  picker.items = [
    { label: `$(check) ${plainText(send, 80)}`, review: { kind: 'send' } },
    ...fields.map((field) => ({
      label: plainText(field.label),
      description: plainText(shown(field, answers.get(field.name))),
      review: { kind: 'change', field } as const,
    })),
  ];
  return new Promise((resolve) => {
    const leave = (): void => picker.hide();
    picker.onDidAccept(() => {
      const [row] = picker.selectedItems;
      if (row === undefined) return;
      resolve(row.review);
      picker.hide();
    });
    picker.onDidHide(() => {
      signal?.removeEventListener('abort', leave);
      resolve({ kind: 'cancelled' });
      picker.dispose();
    });
    signal?.addEventListener('abort', leave);
    picker.show();
    if (signal?.aborted) leave();
  });
}

/** What the server gets; of a member that is left out, that is its default. */
function shown(field: ArgumentField, answer: Answer | undefined): string {
  const value = answer?.kind === 'value' ? answer.value : field.fallback;
  if (value === undefined) return 'left out';
  const texts = [value].flat().map((one) => {
    const choice = 'choices' in field ? field.choices.find((known) => known.value === one) : undefined;
    return choice?.label ?? numberText(one) ?? String(one);
  });
  return texts.join(', ') || 'empty';
}
