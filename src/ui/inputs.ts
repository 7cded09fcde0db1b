import * as vscode from 'vscode';
import type { InputQuestion } from '../core/config/variables.ts';
import { SluiceError } from '../core/errors.ts';

const PREFIX = 'sluice.input ';

/** Shows a password box; undefined where the user cancelled it. */
export type Prompt = (options: vscode.InputBoxOptions) => Thenable<string | undefined>;

/**
 * Answers to `${input:NAME}`: asked once, kept in the secret storage of VS Code.
 *
 * An answer belongs to one server AND the origin of its URL. A repository's settings may give a known name another
 * URL, and must not get what the user once entered for the first.
 */
export class Inputs {
  readonly #secrets: vscode.SecretStorage;
  readonly #prompt: Prompt;
  /** Questions on their way: whoever asks the same meanwhile waits for the same answer. */
  readonly #pending = new Map<string, Promise<string>>();
  /** VS Code has one input box: a second one would close the first, which would read as a cancellation. */
  #box: Promise<unknown> = Promise.resolve();

  constructor(secrets: vscode.SecretStorage, prompt: Prompt = vscode.window.showInputBox) {
    this.#secrets = secrets;
    this.#prompt = prompt;
  }

  /**
   * @param interactive false: an answer that is not known yet is not asked for
   * @throws SluiceError `input-missing`
   */
  answer(question: InputQuestion, interactive: boolean): Promise<string> {
    const key = keyOf(question);
    const flight = `${interactive} ${key}`;
    const pending = this.#pending.get(flight) ?? this.#find(key, question, interactive);
    this.#pending.set(flight, pending);
    const landed = () => this.#pending.delete(flight);
    pending.then(landed, landed);
    return pending;
  }

  /** Forgets the answers for one server, or all of them; how many there were. */
  async forget(server?: string): Promise<number> {
    const keys = (await this.#secrets.keys()).filter((key) => {
      const owner = ownerOf(key);
      return owner !== undefined && (server === undefined || owner === server);
    });
    await Promise.all(keys.map((key) => this.#secrets.delete(key)));
    return keys.length;
  }

  async #find(key: string, question: InputQuestion, interactive: boolean): Promise<string> {
    const known = await this.#secrets.get(key);
    if (known !== undefined) return known;
    if (!interactive) throw missing(question, 'is not known yet');
    const box = this.#box.then(() => this.#prompt(boxFor(question)));
    this.#box = box.then(
      () => undefined,
      () => undefined,
    );
    const value = await box;
    if (value === undefined) throw missing(question, 'was not entered');
    await this.#secrets.store(key, value);
    return value;
  }
}

function boxFor({ server, input, origin }: InputQuestion): vscode.InputBoxOptions {
  return {
    title: `Sluice: ${server}`,
    prompt: `Value of \${input:${input}}, to be sent to ${origin}. It is kept in VS Code's secret storage.`,
    placeHolder: input,
    password: true,
    // Values are copied from a browser or a password manager, which takes the focus away.
    ignoreFocusOut: true,
    validateInput: (value) => (value === '' ? 'Enter a value, or press Escape to leave it.' : undefined),
  };
}

function keyOf({ server, origin, input }: InputQuestion): string {
  return PREFIX + JSON.stringify([server, origin, input]);
}

/** The server that a key of the secret storage belongs to; undefined for keys of others. */
function ownerOf(key: string): string | undefined {
  return key.startsWith(PREFIX) ? JSON.parse(key.slice(PREFIX.length))[0] : undefined;
}

function missing({ server, input }: InputQuestion, what: string): SluiceError {
  return new SluiceError('input-missing', `The value of \${input:${input}} ${what}`, {
    server,
    phase: 'settings',
    delivery: 'not-sent',
    hint: 'Connect the server to be asked for it.',
  });
}
