import * as vscode from 'vscode';
import type { ElicitOrigin, ElicitRequest, ElicitResult } from '../../core/mcp/mcpTypes.ts';
import { type Clock, systemClock } from '../../core/metrics/clock.ts';
import { type FormPlan, planForm } from '../arguments/argumentPlan.ts';
import { askFields } from '../arguments/askFields.ts';
import { notAsked } from '../arguments/callRows.ts';
import { IGNORE_AFTER, MOST_QUESTIONS } from '../questions/attention.ts';
import { pickGuarded } from '../questions/guardedList.ts';
import { QuestionKeys } from '../questions/questionKeys.ts';
import {
  type Question,
  Questions,
  type Shown,
  type ShowOptions,
  type Unheard,
} from '../questions/questions.ts';
import { addressRows, oneLine, quoted } from '../questions/questionText.ts';
import type { SettingsOrigin } from '../settings/settingsScopes.ts';
import { joined, type Line, line, lineOf } from '../surfaces/line.ts';
import { type Row, window } from '../surfaces/window.ts';
import type { ShownName } from '../text/serverName.ts';
import { warningsAbout } from './suspiciousUrl.ts';

export interface ElicitationOptions {
  /** Which settings define a server; undefined where it is Sluice's own demo. */
  readonly scopeOf: (server: string) => SettingsOrigin['scope'] | undefined;
  readonly shownName: ShownName;
  /** The user waits for a call of this server. */
  readonly isAwaited: (server: string) => boolean;
  readonly clock?: Clock;
}

type Choice = 'accept' | 'decline' | 'ignore';
type ChoiceRow = Row & { readonly choice: Choice };

/** What a server wants, as it can be shown. */
type Wish =
  | { readonly kind: 'form'; readonly plan: FormPlan }
  | { readonly kind: 'page'; readonly url: URL }
  /** It was told so, and this is what the user is told. */
  | { readonly kind: 'none'; readonly result: ElicitResult; readonly why: Line };

const CANCEL: ElicitResult = { action: 'cancel' };
const ANSWER = line`Answer…`;
const DECLINE = line`Decline`;
const IGNORE = line`Ignore Until the Next Call`;
const DISCONNECT = line`Disconnect`;

/** Asks the user what servers ask, and lets no key answer that was meant for something else. */
export class Elicitation {
  readonly #options: ElicitationOptions;
  readonly #keys: QuestionKeys;
  readonly #questions: Questions;

  constructor(options: ElicitationOptions) {
    const { clock = systemClock } = options;
    this.#options = options;
    this.#keys = new QuestionKeys(clock);
    this.#questions = new Questions({
      clock,
      onUnheard: (server, why) => void tellUnheard(server, options.shownName(server), why),
    });
  }

  ask(
    server: string,
    request: ElicitRequest,
    signal: AbortSignal,
    origin: ElicitOrigin,
  ): Promise<ElicitResult> {
    const ofCall = origin === 'call' && this.#options.isAwaited(server);
    return this.#questions.ask(this.#question(server, request), ofCall, signal);
  }

  /** The user calls a tool of this server: it is heard again. */
  called(server: string): void {
    this.#questions.called(server);
  }

  /** Escape was pressed while a question was on the screen. */
  leave(): void {
    this.#keys.leave();
  }

  #question(server: string, request: ElicitRequest): Question {
    const shown = this.#options.shownName(server);
    const wish = wishOf(shown, request);
    const scope = this.#options.scopeOf(server);
    // The shown name has the scope of one that is not the user's own.
    const where = scope === undefined || shown !== server ? undefined : line`(${scope} settings)`;
    const who = joined(' ', line`The server ${shown} asks`, where);
    /** Undefined where the box was closed. */
    const answer = async (options: ShowOptions): Promise<Shown | undefined> => {
      if (wish.kind === 'none') {
        void window.showWarningMessage(wish.why);
        return { kind: 'answered', result: wish.result };
      }
      const choice = await this.#consent(who, request.message, wish, options);
      if (choice === 'ignore') return { kind: 'ignored' };
      if (choice === 'decline') return { kind: 'answered', result: { action: 'decline' } };
      return choice === 'accept' ? this.#accept(shown, request.message, wish, options.signal) : undefined;
    };
    return {
      server,
      open: async (options) => {
        const { shown, isLeft } = await this.#keys.during((leaving) =>
          answer({ ...options, signal: AbortSignal.any([options.signal, leaving]) }),
        );
        return shown ?? { kind: isLeft ? 'left' : 'displaced' };
      },
      tell: (options) =>
        wish.kind === 'none' ? Promise.resolve({ kind: 'open' }) : tell(who, request.message, options),
    };
  }

  async #accept(
    shownServer: string,
    message: string,
    wish: Exclude<Wish, { kind: 'none' }>,
    signal: AbortSignal,
  ): Promise<Shown | undefined> {
    if (wish.kind === 'page') {
      // As text: a Uri decodes what the server had encoded, so that another address would be opened than was shown.
      const isOpened = await vscode.env.openExternal(wish.url.href as unknown as vscode.Uri);
      return { kind: 'answered', result: isOpened ? { action: 'accept' } : CANCEL };
    }
    const form = await askFields(wish.plan.fields, {
      title: line`${shownServer} asks: ${message}`,
      remembered: {},
      allowJson: false,
      unasked: wish.plan.unasked,
      review: line`Send to ${shownServer}`,
      signal,
      keys: this.#keys,
    });
    return form.kind === 'done'
      ? { kind: 'answered', result: { action: 'accept', content: form.values } }
      : undefined;
  }

  /** Says which server asks and why, and what else there is to read. Undefined where the box was closed. */
  async #consent(
    who: Line,
    message: string,
    wish: Exclude<Wish, { kind: 'none' }>,
    { offersToIgnore, signal }: ShowOptions,
  ): Promise<Choice | undefined> {
    const short = oneLine(message);
    const toRead = [
      short === undefined ? [separator(), ...quoted(message).map((label) => ({ label }))] : [],
      wish.kind === 'page'
        ? [
            separator(line`address`),
            ...addressRows(wish.url).map((label) => ({ label })),
            ...warningsAbout(wish.url).map((warning) => ({ label: line`$(warning) ${warning}` })),
          ]
        : [],
    ].flat();
    const choices: ChoiceRow[] = [
      acceptRow(wish),
      {
        label: joined(' ', line`$(circle-slash)`, DECLINE),
        detail: line`The server is told that you do not answer.`,
        choice: 'decline',
      },
      ...(offersToIgnore
        ? [
            {
              label: joined(' ', line`$(bell-slash)`, IGNORE),
              detail: line`The server is told that you cancelled, whatever it asks, until you call one of its tools.`,
              choice: 'ignore',
            } as const,
          ]
        : []),
    ];
    const picked = await pickGuarded<Row | ChoiceRow>({
      title: who,
      placeholder: short ?? line`Read the question below. Escape cancels.`,
      text: toRead,
      choices: [...(toRead.length > 0 ? [separator()] : []), ...choices],
      keys: this.#keys,
      signal,
    });
    return choices.find((row) => row === picked)?.choice;
  }
}

function wishOf(shownServer: string, { mode, url = '', requestedSchema }: ElicitRequest): Wish {
  if (mode === 'url') {
    const target = URL.canParse(url) ? new URL(url) : undefined;
    return target !== undefined && ['http:', 'https:'].includes(target.protocol)
      ? { kind: 'page', url: target }
      : {
          kind: 'none',
          result: { action: 'decline' },
          why: line`The server ${shownServer} asked to open ${url}, which is not a web page. It was told that you declined.`,
        };
  }
  const plan = planForm(requestedSchema);
  return plan === undefined
    ? {
        kind: 'none',
        result: CANCEL,
        why: line`The server ${shownServer} asked for something that no form can show. It was told that you cancelled.`,
      }
    : { kind: 'form', plan };
}

function acceptRow(wish: Exclude<Wish, { kind: 'none' }>): ChoiceRow {
  if (wish.kind === 'page') return { label: line`$(link-external) Open ${wish.url.host}`, choice: 'accept' };
  const { fields, unasked } = wish.plan;
  if (fields.length === 0) return { label: line`$(check) Accept`, ...notAsked(unasked), choice: 'accept' };
  return {
    label: joined(' ', line`$(edit)`, ANSWER),
    description: fields.length === 1 ? line`1 question` : line`${fields.length} questions`,
    detail: lineOf(fields.map(({ label }) => label).join(', '), 120),
    choice: 'accept',
  };
}

function separator(label = line``): Row {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

/** Nothing closes a notification but the user: one whose question is over says so when it is answered. */
async function tell(
  who: Line,
  message: string,
  { offersToIgnore, signal }: ShowOptions,
): ReturnType<Question['tell']> {
  const text = joined(': ', who, lineOf(message));
  const buttons = [ANSWER, DECLINE, ...(offersToIgnore ? [IGNORE] : [])];
  const chosen = Promise.resolve(window.showInformationMessage(text, ...buttons)).then((button) => {
    if (signal.aborted && button !== undefined)
      void window.showInformationMessage(
        joined(' ', who, line`no longer: it took its question back, or did not wait.`),
      );
    return button;
  });
  switch (await Promise.race([chosen, aborted(signal)])) {
    case ANSWER:
      return { kind: 'open' };
    case DECLINE:
      return { kind: 'answered', result: { action: 'decline' } };
    case IGNORE:
      return { kind: 'ignored' };
    default:
      return { kind: 'left' };
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

async function tellUnheard(server: string, shownServer: string, why: Unheard): Promise<void> {
  const text =
    why === 'left'
      ? line`You left ${IGNORE_AFTER} questions of the server ${shownServer} in a row. Until you call one of its tools, it is told that you cancelled, whatever it asks.`
      : line`The server ${shownServer} asks more than ${MOST_QUESTIONS} times a minute. Further questions are not shown: it is told that you cancelled.`;
  if ((await window.showWarningMessage(text, DISCONNECT)) === DISCONNECT)
    await vscode.commands.executeCommand('sluice.disconnect', server);
}
