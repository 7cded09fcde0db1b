import type * as vscode from 'vscode';
import { inputBinding } from '../../core/config/inputBinding.ts';
import type { InputQuestion } from '../../core/config/variables.ts';
import { SluiceError } from '../../core/errors.ts';
import { joined, line, lineOf } from '../surfaces/line.ts';
import { type BoxOptions, window } from '../surfaces/window.ts';
import { placeText } from './places.ts';

const PREFIX = 'sluice.answer ';
/** Of answers that were bound to server, origin and name alone: they are given to nobody any more. */
const LOOSE_PREFIX = 'sluice.input ';

/** Whose entry an input is of. */
export interface InputOwner {
  /** The settings file, as `originId` names it. */
  readonly scope: string;
  readonly shownServer: string;
}

/** Shows a password box; undefined where the user cancelled it. */
export type Prompt = (options: BoxOptions) => Thenable<string | undefined>;

/**
 * Answers to `${input:NAME}`: asked once, kept in the secret storage of VS Code.
 *
 * An answer belongs to one question (`inputBinding`): to the settings file, the server, its URL, the place where the answer goes,
 * and the way in which the server's certificate is checked. A repository's settings may give a known name another URL, or
 * send the answer on in another place, and must not get what the user once entered for the first.
 */
export class Inputs {
  readonly #secrets: vscode.SecretStorage;
  readonly #prompt: Prompt;
  /** Questions on their way: whoever asks the same meanwhile waits for the same answer. */
  readonly #pending = new Map<string, Promise<string>>();
  /** VS Code has one input box: a second one would close the first, which would read as a cancellation. */
  #box: Promise<unknown> = Promise.resolve();

  constructor(secrets: vscode.SecretStorage, prompt: Prompt = (options) => window.showInputBox(options)) {
    this.#secrets = secrets;
    this.#prompt = prompt;
  }

  /**
   * @param whose the settings that have the entry, and the server's name as it is shown
   * @param interactive false: an answer that is not known yet is not asked for
   * @throws SluiceError `input-missing`
   */
  answer(question: InputQuestion, { scope, shownServer }: InputOwner, interactive: boolean): Promise<string> {
    const key = PREFIX + JSON.stringify([question.server, scope, inputBinding(question, scope)]);
    const flight = `${interactive} ${key}`;
    const pending = this.#pending.get(flight) ?? this.#find(key, question, shownServer, interactive);
    this.#pending.set(flight, pending);
    const landed = () => this.#pending.delete(flight);
    pending.then(landed, landed);
    return pending;
  }

  /** Forgets the answers for one server, of one scope or of all, or for all servers; how many there were. */
  async forget(server?: string, scope?: string): Promise<number> {
    const keys = (await this.#secrets.keys()).filter((key) => {
      const owner = ownerOf(key);
      if (owner === undefined) return false;
      return (server ?? owner.server) === owner.server && (scope ?? owner.scope) === owner.scope;
    });
    await Promise.all(keys.map((key) => this.#secrets.delete(key)));
    return keys.length;
  }

  async #find(
    key: string,
    question: InputQuestion,
    shownServer: string,
    interactive: boolean,
  ): Promise<string> {
    const known = await this.#secrets.get(key);
    if (known !== undefined) return known;
    if (!interactive) throw missing(question, 'is not known yet');
    await this.#dropLoose();
    const box = this.#box.then(() => this.#prompt(boxFor(question, shownServer)));
    this.#box = box.then(
      () => undefined,
      () => undefined,
    );
    const value = await box;
    if (value === undefined) throw missing(question, 'was not entered');
    await this.#secrets.store(key, value);
    return value;
  }

  async #dropLoose(): Promise<void> {
    const loose = (await this.#secrets.keys()).filter((key) => key.startsWith(LOOSE_PREFIX));
    await Promise.all(loose.map((key) => this.#secrets.delete(key)));
  }
}

function boxFor(question: InputQuestion, shownServer: string): BoxOptions {
  const { input, certificate } = question;
  return {
    title: line`Sluice: ${shownServer}`,
    prompt: joined(
      ' ',
      lineOf(`Value of \${input:${input}}, ${useOf(question)}.`, MOST_PROMPT),
      certificate.rejectUnauthorized === false ? line`Certificate checking is off!` : undefined,
      line`It is kept in VS Code's secret storage.`,
    ),
    placeHolder: lineOf(input),
    password: true,
    // Values are copied from a browser or a password manager, which takes the focus away.
    ignoreFocusOut: true,
    validateInput: (value) => (value === '' ? line`Enter a value, or press Escape to cancel.` : undefined),
  };
}

const MOST_PROMPT = 800;

/** Where the value goes, for example `to be sent in header Authorization to https://api.example/mcp`. */
function useOf({ places, origin, path }: InputQuestion): string {
  const sent = places.filter(({ in: where }) => where !== 'tls').map(placeText);
  const kept = places.filter(({ in: where }) => where === 'tls').map(placeText);
  const uses = [
    ...(sent.length === 0 ? [] : [`to be sent ${sent.join(' and ')} to ${origin}${path}`]),
    ...(kept.length === 0 ? [] : [`${kept.join(' and ')} of connections to ${origin}`]),
  ];
  return uses.join(', and ');
}

/** Whose answer a key of the secret storage is; undefined for keys of others. */
function ownerOf(key: string): { readonly server: string; readonly scope?: string } | undefined {
  if (key.startsWith(LOOSE_PREFIX)) return { server: JSON.parse(key.slice(LOOSE_PREFIX.length))[0] };
  if (!key.startsWith(PREFIX)) return undefined;
  const [server, scope] = JSON.parse(key.slice(PREFIX.length));
  return { server, scope };
}

function missing({ server, input }: InputQuestion, what: string): SluiceError {
  return new SluiceError('input-missing', `The value of \${input:${input}} ${what}`, {
    server,
    phase: 'settings',
    delivery: 'not-sent',
    hint: 'Connect the server to be asked for it.',
  });
}
