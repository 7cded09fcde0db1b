import * as vscode from 'vscode';
import { assertNever } from '../../core/errors.ts';
import { plainText } from '../plainText.ts';
import type { QuestionKeys } from '../questions/questionKeys.ts';
import type {
  ArgumentField,
  Choice,
  ChoiceField,
  ChoicesField,
  NumberField,
  TextField,
} from './argumentField.ts';
import { type FieldReading, lengthRule, numberRule, readField } from './fieldValue.ts';
import { reviewAnswers } from './reviewAnswers.ts';

export interface FormOptions {
  /** Who asks, and for what. */
  readonly title: string;
  /** Answers to offer, for example the last ones. */
  readonly remembered: Readonly<Record<string, unknown>>;
  /** Offers to write the answers as JSON instead. */
  readonly allowJson: boolean;
  /** Shows all answers at the end, to be changed or sent: what the row that sends them says. */
  readonly review?: string;
  /** Aborting closes the form. */
  readonly signal?: AbortSignal;
  /** Of a form that a server asks to be filled in. */
  readonly keys?: QuestionKeys;
}

export type FormEnd =
  | { readonly kind: 'done'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'json'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'cancelled' };

/** The answer to one question. */
export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'skip' }
  | { readonly kind: 'back' }
  | { readonly kind: 'json' }
  | { readonly kind: 'cancelled' };

/** Where a question stands in its form. */
interface Step {
  readonly form: FormOptions;
  readonly number: number;
  readonly count: number;
  /** What to offer; undefined where there is nothing. */
  readonly offered: unknown;
}

const AS_JSON: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('json'),
  tooltip: 'Write the arguments as JSON',
};

/** Asks for the fields one by one. Members that the user skips are left out of the values. */
export async function askFields(fields: readonly ArgumentField[], form: FormOptions): Promise<FormEnd> {
  const answers = new Map<string, Answer>();
  const values = (): Record<string, unknown> =>
    Object.fromEntries(
      [...answers].flatMap(([name, answer]) => (answer.kind === 'value' ? [[name, answer.value]] : [])),
    );
  let at = 0;
  let isReviewed = false;
  for (;;) {
    const field = fields[at];
    if (field === undefined) {
      if (form.review === undefined || fields.length === 0) return { kind: 'done', values: values() };
      const review = await reviewAnswers(fields, answers, { ...form, send: form.review });
      if (review.kind !== 'change')
        return review.kind === 'send' ? { kind: 'done', values: values() } : review;
      at = fields.indexOf(review.field);
      isReviewed = true;
      continue;
    }
    const given = answers.get(field.name);
    const offered =
      given?.kind === 'value'
        ? given.value
        : given?.kind === 'skip'
          ? undefined
          : form.remembered[field.name];
    const step = { form, number: at + 1, count: fields.length, offered: offered ?? field.fallback };
    const answer = await ask(field, step);
    switch (answer.kind) {
      case 'value':
      case 'skip':
        answers.set(field.name, answer);
        at = isReviewed ? fields.length : at + 1;
        break;
      case 'back':
        at -= 1;
        break;
      case 'json':
      case 'cancelled':
        return answer.kind === 'json' ? { kind: 'json', values: values() } : answer;
      default:
        assertNever(answer);
    }
  }
}

function ask(field: ArgumentField, step: Step): Promise<Answer> {
  switch (field.kind) {
    case 'text':
    case 'number':
      return askText(field, step);
    case 'choice':
      return askChoice(field, step);
    case 'choices':
      return askChoices(field, step);
    default:
      return assertNever(field);
  }
}

function askText(field: TextField | NumberField, step: Step): Promise<Answer> {
  const input = vscode.window.createInputBox();
  input.prompt = promptOf(field);
  input.placeholder = placeholderOf(field);
  if (typeof step.offered === 'string' || typeof step.offered === 'number')
    input.value = String(step.offered);
  let reading = readField(field, input.value);
  // A required field that is still empty is no mistake yet.
  if (input.value !== '' || reading.kind !== 'invalid') input.validationMessage = validationOf(reading);
  return show(input, step, (answer, subscriptions) => {
    subscriptions.push(
      input.onDidChangeValue((text) => {
        reading = readField(field, text);
        input.validationMessage = validationOf(reading);
      }),
      input.onDidAccept(() => {
        if (reading.kind === 'invalid') input.validationMessage = validationOf(reading);
        else answer(reading.kind === 'skip' ? { kind: 'skip' } : { kind: 'value', value: reading.value });
      }),
    );
  });
}

function askChoice(field: ChoiceField, step: Step): Promise<Answer> {
  const picker = vscode.window.createQuickPick<ChoiceItem>();
  picker.placeholder = promptOf(field);
  picker.matchOnDescription = true;
  const skip: ChoiceItem = {
    label: '$(circle-slash) Leave out',
    description: 'optional',
    answer: { kind: 'skip' },
  };
  const choices = field.choices.map((choice) => choiceItem(choice, field.fallback));
  picker.items = field.required ? choices : [...choices, skip];
  const offered = choices.find(({ answer }) => answer.kind === 'value' && answer.value === step.offered);
  const first = offered ?? (field.required ? undefined : skip);
  if (first !== undefined) picker.activeItems = [first];
  return show(picker, step, (answer, subscriptions) => {
    subscriptions.push(
      picker.onDidAccept(() => {
        const [picked] = picker.selectedItems;
        if (picked !== undefined) answer(picked.answer);
      }),
    );
  });
}

function askChoices(field: ChoicesField, step: Step): Promise<Answer> {
  const picker = vscode.window.createQuickPick<ChoiceItem>();
  const least = field.minItems ?? 0;
  const most = field.maxItems ?? field.choices.length;
  picker.canSelectMany = true;
  picker.placeholder = promptOf(field);
  picker.items = field.choices.map((choice) => choiceItem(choice, undefined));
  const offered: readonly unknown[] = Array.isArray(step.offered) ? step.offered : [];
  picker.selectedItems = picker.items.filter(
    ({ answer }) => answer.kind === 'value' && offered.includes(answer.value),
  );
  return show(picker, step, (answer, subscriptions) => {
    subscriptions.push(
      picker.onDidAccept(() => {
        const picked = picker.selectedItems.flatMap((item) =>
          item.answer.kind === 'value' ? [item.answer.value] : [],
        );
        if (picked.length === 0 && !field.required) answer({ kind: 'skip' });
        else if (picked.length < least || picked.length > most) {
          picker.title = `${titleOf(step)}: pick ${least} to ${most}`;
        } else answer({ kind: 'value', value: picked });
      }),
    );
  });
}

type ChoiceItem = vscode.QuickPickItem & { readonly answer: Answer };

function choiceItem(choice: Choice, fallback: unknown): ChoiceItem {
  const notes = [choice.description, choice.value === fallback ? 'default' : undefined];
  const description = notes.filter((note) => note !== undefined).join(' · ');
  return {
    label: plainText(choice.label),
    description: plainText(description),
    answer: { kind: 'value', value: choice.value },
  };
}

/** Shows one question; `listen` says what answers it, besides the buttons and leaving. */
function show<Input extends vscode.InputBox | vscode.QuickPick<ChoiceItem>>(
  input: Input,
  step: Step,
  listen: (answer: (answer: Answer) => void, subscriptions: vscode.Disposable[]) => void,
): Promise<Answer> {
  const { form, number, count } = step;
  input.title = titleOf(step);
  input.step = number;
  input.totalSteps = count;
  input.ignoreFocusOut = true;
  input.buttons = [
    ...(number > 1 ? [vscode.QuickInputButtons.Back] : []),
    ...(form.allowJson ? [AS_JSON] : []),
  ];
  return new Promise((resolve) => {
    const subscriptions: vscode.Disposable[] = [input];
    const leave = (): void => answer({ kind: 'cancelled' });
    const answer = (given: Answer): void => {
      form.signal?.removeEventListener('abort', leave);
      resolve(given);
      for (const subscription of subscriptions) subscription.dispose();
    };
    subscriptions.push(
      input.onDidHide(leave),
      input.onDidTriggerButton((button) => answer({ kind: button === AS_JSON ? 'json' : 'back' })),
    );
    listen(answer, subscriptions);
    if (form.signal?.aborted) return leave();
    form.signal?.addEventListener('abort', leave);
    input.show();
  });
}

function titleOf({ form }: Step): string {
  return plainText(form.title, 120);
}

function promptOf(field: ArgumentField): string {
  const about = field.description ?? (field.label === field.name ? '' : field.label);
  const optional = field.required || field.kind === 'choice' ? '' : ' Optional: leave empty to skip.';
  return plainText(
    about === '' ? `${field.name}.${optional}` : `${field.name}: ${about.replace(/[.\s]+$/, '')}.${optional}`,
  );
}

function placeholderOf(field: TextField | NumberField): string {
  if (field.kind === 'number') return numberRule(field);
  const hasRule = field.minLength !== undefined || field.maxLength !== undefined;
  return [field.format ?? 'text', ...(hasRule ? [lengthRule(field)] : [])].join(', ');
}

function validationOf(reading: FieldReading): vscode.InputBoxValidationMessage | undefined {
  switch (reading.kind) {
    case 'invalid':
      return { message: plainText(reading.message), severity: vscode.InputBoxValidationSeverity.Error };
    case 'value':
      return reading.note === undefined
        ? undefined
        : {
            message: plainText(reading.note.text),
            severity:
              reading.note.severity === 'warning'
                ? vscode.InputBoxValidationSeverity.Warning
                : vscode.InputBoxValidationSeverity.Info,
          };
    case 'skip':
      return undefined;
    default:
      return assertNever(reading);
  }
}
