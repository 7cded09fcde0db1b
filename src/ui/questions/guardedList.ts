import type { Line } from '../surfaces/line.ts';
import { type Row, window } from '../surfaces/window.ts';
import type { QuestionKeys } from './questionKeys.ts';

export interface GuardedList<R extends Row> {
  readonly title: Line;
  readonly placeholder: Line;
  /** To read: there from the beginning. */
  readonly text: readonly Row[];
  /** The rows to pick from. They appear once no key was pressed for half a second, and none of them is marked. */
  readonly choices: readonly R[];
  readonly keys: QuestionKeys;
  /** Aborting closes the list. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A list that takes the focus by itself, from whatever the user was typing into. So a row can be picked only after keys have
 * rested, and by a click, or by a key that moves the mark and Enter. Nothing can be typed into it.
 * @returns the picked row; undefined where the list was closed
 */
export function pickGuarded<R extends Row>(list: GuardedList<R>): Promise<R | undefined> {
  const { title, placeholder, text, choices, keys, signal } = list;
  if (signal?.aborted === true) return Promise.resolve(undefined);
  const picker = window.createQuickPick<Row>();
  const show = (isOpen: boolean): void => {
    picker.busy = !isOpen;
    picker.items = isOpen ? [...text, ...choices] : text;
    picker.activeItems = [];
  };
  picker.title = title;
  picker.placeholder = placeholder;
  picker.ignoreFocusOut = true;
  const guard = keys.guard(show);
  show(false);
  return new Promise((resolve) => {
    const leave = (): void => picker.hide();
    picker.onDidChangeValue((value) => {
      if (value === '') return;
      picker.value = '';
      guard.letter();
    });
    picker.onDidChangeActive(() => guard.key());
    picker.onDidAccept(() => {
      const counts = guard.key();
      const picked = choices.find((row) => row === picker.selectedItems[0]);
      if (!counts || picked === undefined) return;
      resolve(picked);
      picker.hide();
    });
    picker.onDidHide(() => {
      signal?.removeEventListener('abort', leave);
      keys.release(guard);
      resolve(undefined);
      picker.dispose();
    });
    signal?.addEventListener('abort', leave);
    picker.show();
  });
}
