import type { ArgumentField } from './argumentField.ts';
import type { ArgumentMember } from './argumentPlan.ts';
import { canShow } from './fieldValue.ts';
import type { SchemaObject } from './schemaObject.ts';
import { shownArguments } from './secretArguments.ts';

/** What a tool was called with before, as it is offered again. */
export interface Remembered {
  readonly arguments: Readonly<Record<string, unknown>>;
  /** JSON Pointers of the values that were not kept, because they are secret. */
  readonly withheld: readonly string[];
}

/** The arguments of a call while the user puts them together. Each is read and written by its name only. */
export class CallDraft {
  readonly #members: readonly ArgumentMember[];
  readonly #schema: SchemaObject;
  readonly #values = new Map<string, unknown>();
  readonly #asked = new Set<string>();
  readonly #incomplete: Set<string>;
  readonly #isFirst: boolean;

  /** @param schema of the arguments. @param remembered of the last call: it is carried over. Undefined where there was none */
  constructor(members: readonly ArgumentMember[], schema: SchemaObject, remembered: Remembered | undefined) {
    this.#members = members;
    this.#schema = schema;
    for (const [name, value] of Object.entries(remembered?.arguments ?? {})) this.#values.set(name, value);
    this.#incomplete = new Set((remembered?.withheld ?? []).map(topMember));
    this.#isFirst = remembered === undefined;
  }

  /** What is sent: members of the schema in its order, then those that it does not describe. */
  get arguments(): Readonly<Record<string, unknown>> {
    const known = this.#members.map(({ name }) => name).filter((name) => this.#values.has(name));
    const names = new Set([...known, ...this.#values.keys()]);
    return Object.fromEntries([...names].map((name) => [name, this.#values.get(name)]));
  }

  /** The arguments as they may be shown. */
  get shown(): Readonly<Record<string, unknown>> {
    return shownArguments(this.arguments, this.#schema);
  }

  /** Every argument that is sent or left out. */
  get members(): readonly ArgumentMember[] {
    const isKnown = new Set(this.#members.map(({ name }) => name));
    const others = [...this.#values.keys()].filter((name) => !isKnown.has(name));
    return [
      ...this.#members,
      ...others.map((name) => ({ name, schema: undefined, required: false, field: undefined })),
    ];
  }

  isSent(name: string): boolean {
    return this.#values.has(name);
  }

  /** It was sent with a secret, which was not kept. */
  isIncomplete(name: string): boolean {
    return this.#incomplete.has(name);
  }

  /** Whether the question for a member can show the value that the member has. */
  canAsk(field: ArgumentField): boolean {
    return !this.#values.has(field.name) || canShow(field, this.#values.get(field.name));
  }

  /** The question for a member; undefined where it has none, or none that could show its value. */
  questionOf({ field }: ArgumentMember): ArgumentField | undefined {
    return field !== undefined && this.canAsk(field) ? field : undefined;
  }

  /** The user saw the question for it. */
  answer(name: string, answer: { readonly value: unknown } | 'left out'): void {
    this.#asked.add(name);
    this.#incomplete.delete(name);
    if (answer === 'left out') this.#values.delete(name);
    else this.#values.set(name, answer.value);
  }

  /** Whether everything that is sent or left out was asked for: then there is nothing to show before the call. */
  get isAllAsked(): boolean {
    return this.members.every(({ name }) => this.#asked.has(name));
  }

  /** Names of what is not sent and was not asked for, in the order of the schema. */
  get unasked(): readonly string[] {
    return this.#members
      .map(({ name }) => name)
      .filter((name) => !this.#values.has(name) && !this.#asked.has(name));
  }

  /**
   * Whether Enter may make the call. A tool that changes things may do anything without an argument that the user was not asked
   * for: so the user decides. A tool that was called so once may be called so again.
   * @param readsOnly the tool says that it changes nothing
   */
  isPlain(readsOnly: boolean): boolean {
    if (this.#incomplete.size > 0) return false;
    return readsOnly || !this.#isFirst || this.unasked.length === 0;
  }
}

/** `config` of `/config/password`. */
function topMember(pointer: string): string {
  return (pointer.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
}
