import * as vscode from 'vscode';
import { type Line, line, lineOf } from '../surfaces/line.ts';
import { type Row, type RowButton, window } from '../surfaces/window.ts';
import type { ArgumentField } from './argumentField.ts';
import type { ArgumentMember } from './argumentPlan.ts';
import { askFields, type FormAnswers } from './askFields.ts';
import { CallDraft, type Remembered } from './callDraft.ts';
import { type CallRow, callRows } from './callRows.ts';
import { ABOUT, AS_JSON } from './rowButtons.ts';
import type { SchemaObject } from './schemaObject.ts';

export interface CallForm {
  /** Server and tool. */
  readonly title: string;
  /** Of the arguments. */
  readonly schema: SchemaObject;
  /** Of the last call; undefined where there was none. */
  readonly remembered: Remembered | undefined;
  /** The tool says that it changes nothing. */
  readonly readsOnly: boolean;
  /** What the row that ends it says, for example `Call`. */
  readonly proceed: Line;
  /** Shows what there is to read of the tool, without leaving the question. */
  readonly about: () => void;
}

export type CallFormEnd =
  | { readonly kind: 'done'; readonly arguments: Readonly<Record<string, unknown>> }
  /** The user writes on in JSON. `at` is the argument that is to be written, if it is one. */
  | {
      readonly kind: 'json';
      readonly arguments: Readonly<Record<string, unknown>>;
      readonly at: string | undefined;
    }
  | { readonly kind: 'cancelled' };

/**
 * Puts the arguments of a call together: the questions, then a list of all that is sent and all that is left out. The list is
 * not shown where the questions were all there is.
 */
export async function askArguments(
  fields: readonly ArgumentField[],
  members: readonly ArgumentMember[],
  form: CallForm,
): Promise<CallFormEnd> {
  const draft = new CallDraft(members, form.schema, form.remembered);
  const ask = async (questions: readonly ArgumentField[]): Promise<CallFormEnd | undefined> => {
    const end = await askFields(questions, {
      title: form.title,
      remembered: draft.arguments,
      allowJson: true,
      about: form.about,
    });
    if (end.kind === 'cancelled') return end;
    takeUp(draft, end);
    if (end.kind !== 'json') return undefined;
    // An optional argument is not put into the document by having been asked for.
    const isThere =
      draft.isSent(end.at) || questions.some(({ name, required }) => name === end.at && required);
    return { kind: 'json', arguments: draft.arguments, at: isThere ? end.at : undefined };
  };

  const first = fields.filter((field) => draft.canAsk(field));
  const left = first.length === 0 ? undefined : await ask(first);
  if (left !== undefined) return left;
  if (draft.isAllAsked) return { kind: 'done', arguments: draft.arguments };
  for (;;) {
    const picked = await pickStep(draft, form);
    switch (picked.kind) {
      case 'call':
        return { kind: 'done', arguments: draft.arguments };
      case 'leave-out':
        draft.answer(picked.member.name, 'left out');
        break;
      case 'member': {
        const field = draft.questionOf(picked.member);
        if (field === undefined) return { kind: 'json', arguments: draft.arguments, at: picked.member.name };
        const end = await ask([field]);
        // Escape leads back to the list.
        if (end?.kind === 'json') return end;
        break;
      }
      case 'json':
        return { kind: 'json', arguments: draft.arguments, at: undefined };
      case 'cancelled':
        return { kind: 'cancelled' };
    }
  }
}

function takeUp(draft: CallDraft, { values, skipped }: FormAnswers): void {
  for (const [name, value] of Object.entries(values)) draft.answer(name, { value });
  for (const name of skipped) draft.answer(name, 'left out');
}

type Picked =
  | { readonly kind: 'call' | 'json' | 'cancelled' }
  | { readonly kind: 'member' | 'leave-out'; readonly member: ArgumentMember };
type Item = Row & { readonly row: CallRow };

const LEAVE_OUT: RowButton = { iconPath: new vscode.ThemeIcon('close'), tooltip: line`Leave out` };

function pickStep(draft: CallDraft, form: CallForm): Promise<Picked> {
  const picker = window.createQuickPick<Item>();
  const isPlain = draft.isPlain(form.readsOnly);
  picker.title = lineOf(form.title, 120);
  picker.placeholder = isPlain
    ? line`Enter goes on. Pick an argument to change it`
    : line`Read what is left out. Then choose the first row, or an argument to fill in`;
  picker.ignoreFocusOut = true;
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.buttons = [ABOUT, AS_JSON];
  picker.items = callRows(draft, form.proceed).map(itemOf);
  // VS Code marks the first row; an empty list marks none, so that Enter does nothing until one is chosen.
  if (!isPlain) picker.activeItems = [];
  return new Promise((resolve) => {
    const end = (picked: Picked): void => {
      resolve(picked);
      picker.dispose();
    };
    picker.onDidAccept(() => {
      const row = picker.selectedItems[0]?.row;
      if (row === undefined) picker.placeholder = line`Nothing is chosen: the arrow keys choose a row`;
      else if (row.kind === 'call') end({ kind: 'call' });
      else if (row.kind === 'member') end({ kind: 'member', member: row.member });
    });
    picker.onDidTriggerItemButton(({ item: { row } }) => {
      if (row.kind === 'member') end({ kind: 'leave-out', member: row.member });
    });
    picker.onDidTriggerButton((button) => {
      if (button === ABOUT) form.about();
      else end({ kind: 'json' });
    });
    picker.onDidHide(() => end({ kind: 'cancelled' }));
    picker.show();
  });
}

function itemOf(row: CallRow): Item {
  const { label, description, detail } = row;
  if (row.kind === 'separator') return { row, label, kind: vscode.QuickPickItemKind.Separator };
  const canLeaveOut = row.kind === 'member' && row.isSent && !row.member.required;
  return {
    row,
    label,
    ...(description === undefined ? {} : { description }),
    ...(detail === undefined ? {} : { detail }),
    ...(canLeaveOut ? { buttons: [LEAVE_OUT] } : {}),
  };
}
