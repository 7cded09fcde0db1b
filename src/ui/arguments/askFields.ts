import * as vscode from 'vscode';
import { assertNever, sentence } from '../../core/errors.ts';
import type { QuestionKeys } from '../questions/questionKeys.ts';
import { joined, type Line, line, lineOf } from '../surfaces/line.ts';
import { type Box, type Picker, type Row, window } from '../surfaces/window.ts';
import { loadCore } from '../text/core.ts';
import type { Answer } from './answer.ts';
import type { ArgumentField, Choice, ChoiceField, ChoicesField } from './argumentField.ts';
import {
  type FieldReading,
  fieldText,
  type Judge,
  meaningsOf,
  type Nothing,
  nothingText,
  readField,
  ruleOf,
  type TypedField,
} from './fieldValue.ts';
import { reviewAnswers } from './reviewAnswers.ts';

export interface FormOptions {
  /** Who asks, and for what. */
  readonly title: string;
  /** Answers to offer, for example the last ones. */
  readonly remembered: Readonly<Record<string, unknown>>;
  /** Offers to write the answers as JSON instead. */
  readonly allowJson: boolean;
  /** Shows what there is to read of what is asked, without leaving the question. */
  readonly about?: () => void;
  /** Shows all answers at the end, to be changed or sent: what the row that sends them says. */
  readonly review?: string;
  /** Names of what is left out without being asked for: the row that sends says so. */
  readonly unasked?: readonly string[];
  /** Aborting closes the form. */
  readonly signal?: AbortSignal;
  /** Of a form that a server asks to be filled in. */
  readonly keys?: QuestionKeys;
}

export interface FormAnswers {
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of the members that the user left out. */
  readonly skipped: readonly string[];
}

export type FormEnd =
  | ({ readonly kind: 'done' } & FormAnswers)
  /** `at` is the member that was asked for when the user chose JSON. */
  | ({ readonly kind: 'json'; readonly at: string } & FormAnswers)
  | { readonly kind: 'cancelled' };

/** Where a question stands in its form. */
interface Step {
  readonly form: FormOptions;
  readonly number: number;
  readonly count: number;
  /** The answer so far; undefined where there is none. */
  readonly given: unknown;
  /** What to offer; undefined where there is nothing. */
  readonly offered: unknown;
}

const AS_JSON: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('json'),
  tooltip: 'Write the arguments as JSON',
};

const ABOUT: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('info'),
  tooltip: 'Read the whole description',
};

/** Asks for the fields one by one. */
export async function askFields(fields: readonly ArgumentField[], form: FormOptions): Promise<FormEnd> {
  const answers = new Map<string, Answer>();
  const end = (): FormAnswers => ({
    values: Object.fromEntries(
      [...answers].flatMap(([name, answer]) => (answer.kind === 'value' ? [[name, answer.value]] : [])),
    ),
    skipped: [...answers].flatMap(([name, answer]) => (answer.kind === 'skip' ? [name] : [])),
  });
  let at = 0;
  let isReviewed = false;
  for (;;) {
    const field = fields[at];
    if (field === undefined) {
      if (form.review === undefined || fields.length === 0) return { kind: 'done', ...end() };
      const review = await reviewAnswers(fields, answers, { ...form, send: form.review });
      if (review.kind !== 'change') return review.kind === 'send' ? { kind: 'done', ...end() } : review;
      at = fields.indexOf(review.field);
      isReviewed = true;
      continue;
    }
    const answered = answers.get(field.name);
    const remembered = Object.hasOwn(form.remembered, field.name) ? form.remembered[field.name] : undefined;
    const given =
      answered === undefined ? remembered : answered.kind === 'value' ? answered.value : undefined;
    const offered = given === undefined ? field.fallback : given;
    const step = { form, number: at + 1, count: fields.length, given, offered };
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
        return answer.kind === 'json' ? { kind: 'json', at: field.name, ...end() } : answer;
      default:
        assertNever(answer);
    }
  }
}

function ask(field: ArgumentField, step: Step): Promise<Answer> {
  switch (field.kind) {
    case 'text':
    case 'number':
    case 'list':
      return askText(field, step);
    case 'choice':
      return askChoice(field, step);
    case 'choices':
      return askChoices(field, step);
    default:
      return assertNever(field);
  }
}

function askText(field: TypedField, step: Step): Promise<Answer> {
  const input = window.createInputBox();
  const meanings = meaningsOf(field, step.given);
  const [nothing] = meanings;
  input.placeholder = lineOf(ruleOf(field));
  input.password = field.isSecret;
  input.value = fieldText(field, step.offered);
  /** Asked again at each change; only what is read of the latest text counts. */
  let reading = read();
  function read(): Promise<FieldReading> {
    const { value } = input;
    const found = readField(field, value, judge, nothing);
    void found.then((one) => {
      if (input.value === value) tell(one);
    });
    return found;
  }
  function tell(found: FieldReading): void {
    const hint = input.value === '' ? nothingText(field, nothing) : '';
    const note = found.kind === 'value' ? found.note : undefined;
    input.prompt = joined(
      ' ',
      note?.severity === 'info' ? lineOf(note.text) : undefined,
      aboutOf(field),
      lineOf(hint),
    );
    // A required field that is still empty is no mistake yet.
    const isMistake = found.kind === 'invalid' && input.value !== '';
    if (isMistake) complain(found.message);
    else
      input.validationMessage =
        note?.severity === 'warning'
          ? { message: withAbout(note.text), severity: vscode.InputBoxValidationSeverity.Warning }
          : undefined;
  }
  function complain(message: string): void {
    input.validationMessage = {
      message: withAbout(message),
      severity: vscode.InputBoxValidationSeverity.Error,
    };
  }
  // What is said of the text stands in the place of the prompt.
  const withAbout = (message: string): Line => joined(' ', lineOf(message), aboutOf(field));
  const others = meanings
    .filter((meaning) => meaning !== nothing)
    .map((meaning) => ({
      meaning,
      button: MEANING_BUTTONS[meaning === 'empty' && field.kind === 'list' ? 'empty list' : meaning],
    }));
  return show(
    input,
    field,
    step,
    (answer, subscriptions) => {
      subscriptions.push(
        input.onDidChangeValue(() => {
          reading = read();
        }),
        input.onDidAccept(async () => {
          const found = await reading;
          if (found.kind === 'invalid') complain(found.message);
          else answer(found.kind === 'skip' ? { kind: 'skip' } : { kind: 'value', value: found.value });
        }),
        input.onDidTriggerButton(async (button) => {
          const meant = others.find((other) => other.button === button)?.meaning;
          if (meant === undefined) return;
          const found = await readField(field, '', judge, meant);
          if (found.kind === 'invalid') complain(found.message);
          else answer(found.kind === 'skip' ? { kind: 'skip' } : { kind: 'value', value: found.value });
        }),
      );
    },
    others.map(({ button }) => button),
  );
}

const judge: Judge = async (schema, value) => (await loadCore()).checkSchema(schema, value);

/** What else nothing may mean than what Enter sends. */
const MEANING_BUTTONS: Readonly<Record<Nothing | 'empty list', vscode.QuickInputButton>> = {
  'left out': { iconPath: new vscode.ThemeIcon('circle-slash'), tooltip: 'Leave out' },
  empty: { iconPath: new vscode.ThemeIcon('quote'), tooltip: 'Send an empty text' },
  'empty list': { iconPath: new vscode.ThemeIcon('bracket'), tooltip: 'Send an empty list' },
  null: { iconPath: new vscode.ThemeIcon('circle'), tooltip: 'Send null' },
  missing: { iconPath: new vscode.ThemeIcon('circle'), tooltip: 'Send nothing' },
};

function askChoice(field: ChoiceField, step: Step): Promise<Answer> {
  const picker = window.createQuickPick<ChoiceItem>();
  picker.placeholder = promptOf(field);
  picker.matchOnDescription = true;
  const skip: ChoiceItem = {
    label: line`$(circle-slash) Leave out`,
    description: line`optional`,
    answer: { kind: 'skip' },
  };
  const choices = field.choices.map((choice) => choiceItem(choice, field.fallback));
  picker.items = field.required ? choices : [...choices, skip];
  const offered = choices.find(({ answer }) => answer.kind === 'value' && answer.value === step.offered);
  const first = offered ?? (field.required ? undefined : skip);
  if (first !== undefined) picker.activeItems = [first];
  return show(picker, field, step, (answer, subscriptions) => {
    subscriptions.push(
      picker.onDidAccept(() => {
        const [picked] = picker.selectedItems;
        if (picked !== undefined) answer(picked.answer);
      }),
    );
  });
}

function askChoices(field: ChoicesField, step: Step): Promise<Answer> {
  const picker = window.createQuickPick<ChoiceItem>();
  const least = field.minItems ?? 0;
  const most = field.maxItems ?? field.choices.length;
  picker.canSelectMany = true;
  picker.placeholder = promptOf(field);
  picker.items = field.choices.map((choice) => choiceItem(choice, undefined));
  const offered: readonly unknown[] = Array.isArray(step.offered) ? step.offered : [];
  picker.selectedItems = picker.items.filter(
    ({ answer }) => answer.kind === 'value' && offered.includes(answer.value),
  );
  return show(picker, field, step, (answer, subscriptions) => {
    subscriptions.push(
      picker.onDidAccept(() => {
        const picked = picker.selectedItems.flatMap((item) =>
          item.answer.kind === 'value' ? [item.answer.value] : [],
        );
        if (picked.length === 0 && !field.required) answer({ kind: 'skip' });
        else if (picked.length < least || picked.length > most) {
          picker.title = joined(': ', titleOf(field, step), line`pick ${least} to ${most}`);
        } else answer({ kind: 'value', value: picked });
      }),
    );
  });
}

type ChoiceItem = Row & { readonly answer: Answer };

function choiceItem(choice: Choice, fallback: unknown): ChoiceItem {
  return {
    label: lineOf(choice.label),
    description: joined(
      ' · ',
      choice.description === undefined ? undefined : lineOf(choice.description),
      choice.value === fallback ? line`default` : undefined,
    ),
    answer: { kind: 'value', value: choice.value },
  };
}

/** Shows one question; `listen` says what answers it, besides the buttons and leaving. */
function show<Input extends Box | Picker<ChoiceItem>>(
  input: Input,
  field: ArgumentField,
  step: Step,
  listen: (answer: (answer: Answer) => void, subscriptions: vscode.Disposable[]) => void,
  buttons: readonly vscode.QuickInputButton[] = [],
): Promise<Answer> {
  const { form, number, count } = step;
  input.title = titleOf(field, step);
  input.step = number;
  input.totalSteps = count;
  input.ignoreFocusOut = true;
  input.buttons = [
    ...(number > 1 ? [vscode.QuickInputButtons.Back] : []),
    ...buttons,
    ...(form.about === undefined ? [] : [ABOUT]),
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
      input.onDidTriggerButton((button) => {
        if (button === ABOUT) form.about?.();
        else if (button === AS_JSON) answer({ kind: 'json' });
        else if (button === vscode.QuickInputButtons.Back) answer({ kind: 'back' });
      }),
    );
    listen(answer, subscriptions);
    if (form.signal?.aborted) return leave();
    form.signal?.addEventListener('abort', leave);
    input.show();
  });
}

/** The name stands in the title: what is said of a text stands in the place of the prompt. */
function titleOf(field: ArgumentField, { form }: Step): Line {
  return joined(': ', lineOf(form.title, 100), lineOf(field.name, 60));
}

/** What is asked for, in the words of the schema. */
function aboutOf(field: ArgumentField): Line {
  const label = field.label === field.name ? undefined : field.label;
  const [first, ...others] = [label, field.description].flatMap((text) =>
    text === undefined ? [] : [sentence(text.slice(0, 2_000))],
  );
  if (first === undefined) return line`${field.name}.`;
  return joined(' ', line`${field.name}: ${first}`, ...others.map((text) => lineOf(text)));
}

function promptOf(field: ArgumentField): Line {
  const isLeft = !field.required && field.kind === 'choices';
  return joined(' ', aboutOf(field), isLeft ? line`Optional: pick none to skip.` : undefined);
}
