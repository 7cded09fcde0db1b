import type { ElicitResult } from '../../core/mcp/mcpTypes.ts';
import type { Clock } from '../../core/metrics/clock.ts';
import {
  type Attention,
  asked,
  called,
  ended,
  FRESH,
  offersToIgnore,
  type QuestionEnd,
} from './attention.ts';
import { Turns } from './turns.ts';

/** Milliseconds that a question waits for its answer: as long as a call's time stands still, and of one that belongs to no call. */
const LONGEST = { call: 3_600_000, unasked: 300_000 } as const;

/** What became of a question on the screen. */
export type Shown =
  | { readonly kind: 'answered'; readonly result: ElicitResult }
  /** The user pressed Escape, closed the notification, or the question could not be shown. */
  | { readonly kind: 'left' }
  /** The user wants to hear no more of this server until they call one of its tools. */
  | { readonly kind: 'ignored' }
  /** Another box of VS Code took its place, for example the palette after F1. */
  | { readonly kind: 'displaced' };

/** One question, and how it is shown. Both ways of showing it settle when `signal` is aborted. */
export interface Question {
  readonly server: string;
  /** In a box that takes the focus. */
  open(options: ShowOptions): Promise<Shown>;
  /** As a notification; `open` is the user's wish to see the box. */
  tell(options: ShowOptions): Promise<Shown | { readonly kind: 'open' }>;
}

export interface ShowOptions {
  /** With a way to hear no more of the server until the next call. */
  readonly offersToIgnore: boolean;
  readonly signal: AbortSignal;
}

/** Why a server is not heard, to be told to the user. */
export type Unheard = 'too-many' | 'left';

export interface QuestionsOptions {
  readonly clock: Clock;
  readonly onUnheard: (server: string, why: Unheard) => void;
}

interface Asking {
  readonly question: Question;
  readonly askedAt: number;
  readonly signal: AbortSignal;
}

const CANCEL: ElicitResult = { action: 'cancel' };

/**
 * The questions of all servers, and how much of the user's attention each server gets:
 *
 * - a question of a call that the user waits for opens a box, one at a time, the servers in turn;
 * - any other is a notification, one at a time of each server, and so is one whose box had to make room for something else: boxes
 *   that open by themselves would close the palette again and again, so that nothing does until the user's next call;
 * - a server that asks too often, or whose questions the user leaves, is told that the user cancelled.
 */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #attention = new Map<string, Attention>();
  readonly #boxes = new Turns();
  readonly #notices = new Map<string, Turns>();
  /** The user does something else in VS Code's box: none opens by itself. */
  #isCalm = false;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /** The user calls a tool of this server. */
  called(server: string): void {
    this.#isCalm = false;
    this.#attend(server, called);
  }

  /**
   * @param ofCall it belongs to a call that the user waits for
   * @param signal aborted when the server takes the question back, or what it belongs to is over
   */
  async ask(question: Question, ofCall: boolean, signal: AbortSignal): Promise<ElicitResult> {
    const { clock, onUnheard } = this.#options;
    const { server } = question;
    const askedAt = clock.now();
    const [attention, verdict] = asked(this.#attentionOf(server), askedAt);
    this.#attention.set(server, attention);
    if (verdict.kind !== 'show') {
      if (verdict.kind === 'too-many' && verdict.isNews) onUnheard(server, 'too-many');
      return CANCEL;
    }
    const late = new AbortController();
    const cancelTimeout = clock.schedule(ofCall ? LONGEST.call : LONGEST.unasked, () => late.abort());
    const asking = { question, askedAt, signal: AbortSignal.any([signal, late.signal]) };
    try {
      let shown = ofCall ? await this.#open(asking) : await this.#tell(asking);
      while (shown.kind === 'displaced') shown = await this.#tell(asking);
      return shown.kind === 'answered' ? shown.result : CANCEL;
    } finally {
      cancelTimeout();
    }
  }

  /** Opens the box by itself, when it is its turn. */
  async #open(asking: Asking): Promise<Shown> {
    await this.#boxes.wait(asking.question.server, asking.signal);
    try {
      return this.#isCalm ? { kind: 'displaced' } : await this.#inBox(asking);
    } finally {
      this.#boxes.done();
    }
  }

  async #tell(asking: Asking): Promise<Shown> {
    const { question, signal } = asking;
    const { server } = question;
    const notices = this.#notices.get(server) ?? new Turns();
    this.#notices.set(server, notices);
    await notices.wait(server, signal);
    try {
      const told = this.#isOver(asking) ?? (await question.tell(this.#showOptions(asking)));
      if (told.kind !== 'open') return this.#ended(asking, told);
    } finally {
      notices.done();
    }
    this.#boxes.take(server);
    try {
      return await this.#inBox(asking);
    } finally {
      this.#boxes.done();
    }
  }

  async #inBox(asking: Asking): Promise<Shown> {
    const shown = this.#isOver(asking) ?? (await asking.question.open(this.#showOptions(asking)));
    return this.#ended(
      asking,
      shown.kind === 'displaced' && asking.signal.aborted ? { kind: 'left' } : shown,
    );
  }

  /** While it waited for its turn it was taken back, or the user chose to hear no more of its server. */
  #isOver({ question, signal }: Asking): Shown | undefined {
    return signal.aborted || this.#attentionOf(question.server).isIgnored ? { kind: 'left' } : undefined;
  }

  #showOptions({ question, signal }: Asking): ShowOptions {
    return { signal, offersToIgnore: offersToIgnore(this.#attentionOf(question.server)) };
  }

  /** Takes note of it before the next question has its turn. */
  #ended({ question, askedAt }: Asking, shown: Shown): Shown {
    if (shown.kind === 'displaced') {
      this.#isCalm = true;
      return shown;
    }
    const { server } = question;
    const how = endOf(shown);
    const { isIgnored } = this.#attentionOf(server);
    this.#attend(server, (before) => ended(before, how, askedAt));
    if (how === 'left' && !isIgnored && this.#attentionOf(server).isIgnored)
      this.#options.onUnheard(server, 'left');
    return shown;
  }

  #attentionOf(server: string): Attention {
    return this.#attention.get(server) ?? FRESH;
  }

  #attend(server: string, change: (before: Attention) => Attention): void {
    this.#attention.set(server, change(this.#attentionOf(server)));
  }
}

function endOf(shown: Exclude<Shown, { kind: 'displaced' }>): QuestionEnd {
  if (shown.kind !== 'answered') return shown.kind;
  return shown.result.action === 'accept'
    ? 'accepted'
    : shown.result.action === 'decline'
      ? 'declined'
      : 'left';
}
