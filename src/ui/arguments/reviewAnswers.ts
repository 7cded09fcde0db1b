import { pickGuarded } from '../questions/guardedList.ts';
import { QuestionKeys } from '../questions/questionKeys.ts';
import { line, lineOf } from '../surfaces/line.ts';
import type { Row } from '../surfaces/window.ts';
import type { Answer } from './answer.ts';
import { answerText } from './answerText.ts';
import type { ArgumentField } from './argumentField.ts';
import { notAsked } from './callRows.ts';

export interface ReviewOptions {
  /** Who asks, and for what. */
  readonly title: string;
  /** What the row that sends the answers says. */
  readonly send: string;
  /** Names of what is left out without being asked for. */
  readonly unasked?: readonly string[];
  /** Aborting closes the list. */
  readonly signal?: AbortSignal;
  readonly keys?: QuestionKeys;
}

export type Review =
  | { readonly kind: 'send' }
  | { readonly kind: 'change'; readonly field: ArgumentField }
  | { readonly kind: 'cancelled' };

/** Shows all answers before they leave: "allow users to review and modify their responses before sending". */
export async function reviewAnswers(
  fields: readonly ArgumentField[],
  answers: ReadonlyMap<string, Answer>,
  { title, send, unasked = [], signal, keys = new QuestionKeys() }: ReviewOptions,
): Promise<Review> {
  const rows: (Row & { readonly review: Review })[] = [
    { label: line`$(check) ${send}`, ...notAsked(unasked), review: { kind: 'send' } },
    ...fields.map((field) => ({
      label: lineOf(field.label),
      description: lineOf(answerText(field, answers.get(field.name))),
      review: { kind: 'change', field } as const,
    })),
  ];
  const picked = await pickGuarded({
    title: lineOf(title, 120),
    placeholder: line`These are your answers. Pick one to change it. Escape cancels.`,
    text: [],
    choices: rows,
    keys,
    signal,
  });
  return picked?.review ?? { kind: 'cancelled' };
}
