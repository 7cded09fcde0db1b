import * as vscode from 'vscode';
import { SluiceError } from '../../core/errors.ts';
import type { ToolCall } from '../history/shownCall.ts';
import type { Servers } from '../servers/servers.ts';
import { joined, type Line, line, lineOf, paragraphs } from '../surfaces/line.ts';
import { pickRow } from '../surfaces/pickRow.ts';
import { window } from '../surfaces/window.ts';
import { toolWord } from '../tools/toolWord.ts';

const KEY = 'apiAccess';
/** Of a caller that does not say which extension it is. */
const UNNAMED = '';

/** That an extension may call tools of a server. */
export interface Access {
  /** `publisher.name`; empty for a caller that does not say who it is. */
  readonly extension: string;
  readonly server: string;
  /** The server's URL as the settings have it: another one under the same name is another server. */
  readonly url: string;
}

type Answer = 'allow' | 'once' | 'deny';

/**
 * Which extensions may call tools that do not say that they only read. The user is asked once for each extension and server, as
 * VS Code asks before an extension gets an authentication session.
 *
 * All extensions run in one process, all get the same exports, and VS Code does not tell whose call it is: the caller says so. A
 * stack would name its file, until the first `await` or a bundle that was evaluated. So this is the user's consent, and no wall: an
 * extension that means harm can do without Sluice.
 */
export class ApiAccess {
  readonly #servers: Pick<Servers, 'connection' | 'view' | 'shownName'>;
  readonly #memento: vscode.Memento;
  /** For this window: what was denied, and what was allowed to a caller that has no name to keep it under. */
  readonly #session = new Map<string, Answer>();
  /** Questions on the screen: calls that come meanwhile wait for the answer. */
  readonly #asking = new Map<string, Promise<Answer>>();

  constructor(servers: Pick<Servers, 'connection' | 'view' | 'shownName'>, memento: vscode.Memento) {
    this.#servers = servers;
    this.#memento = memento;
  }

  /**
   * Asks the user, where the tool does not say that it only reads and this extension may not call tools of this server yet.
   * @param id of the extension that calls, as it says; undefined where it does not
   * @throws SluiceError `not-allowed` where the user will not; what `Servers.connection` throws
   */
  async permit({ server, tool }: ToolCall, id: string | undefined, signal: AbortSignal): Promise<void> {
    const known = this.#servers.view(server)?.settings;
    // A name that VS Code does not know is none.
    const extension = id !== undefined ? (vscode.extensions.getExtension(id)?.id ?? UNNAMED) : UNNAMED;
    const access: Access = { extension, server, url: known?.url ?? '' };
    if (this.#isAllowed(access)) return;
    const connection = await this.#servers.connection(server, { interactive: false });
    if ((await toolWord(connection, tool, signal)).kind === 'reads') return;
    await this.#ask(access, tool);
  }

  /** Shows what was allowed, and takes back what the user picks. What was denied is asked about again. */
  async revoke(): Promise<void> {
    this.#session.clear();
    const rows = this.#granted.map((access) => ({
      label: nameOf(access.extension),
      description: line`may call tools of ${this.#servers.shownName(access.server)}`,
      detail: lineOf(access.url),
      access,
    }));
    if (rows.length === 0) {
      void window.showInformationMessage(
        line`There is nothing to revoke: no extension has your permission to call tools.`,
      );
      return;
    }
    const picked = await pickRow(rows, {
      title: line`Sluice: Revoke Access of Extensions`,
      placeHolder: line`Pick the extension to be asked about again`,
    });
    if (picked === undefined) return;
    const left = this.#granted.filter((access) => keyOf(access) !== keyOf(picked.access));
    await this.#memento.update(KEY, left);
  }

  async #ask(access: Access, tool: string): Promise<void> {
    const key = keyOf(access);
    // What is allowed once is the call that was asked about: those that waited are asked about in turn.
    for (let asking = this.#asking.get(key); asking !== undefined; asking = this.#asking.get(key))
      await asking.catch(() => undefined);
    if (this.#isAllowed(access)) return;
    if (this.#session.get(key) === 'deny') throw notAllowed(access, tool);
    const answer = this.#answer(access, tool);
    this.#asking.set(key, answer);
    try {
      if ((await answer) === 'deny') throw notAllowed(access, tool);
    } finally {
      this.#asking.delete(key);
    }
  }

  async #answer(access: Access, tool: string): Promise<Answer> {
    // Where VS Code shows no dialog, nobody has allowed it.
    const answer = await ask(access, this.#servers.shownName(access.server), tool).catch(
      (): Answer => 'deny',
    );
    if (answer === 'allow' && access.extension !== UNNAMED)
      await this.#memento.update(KEY, [...this.#granted, access]);
    else if (answer !== 'once') this.#session.set(keyOf(access), answer);
    return answer;
  }

  #isAllowed(access: Access): boolean {
    const key = keyOf(access);
    return this.#session.get(key) === 'allow' || this.#granted.some((granted) => keyOf(granted) === key);
  }

  get #granted(): readonly Access[] {
    return this.#memento.get<readonly Access[]>(KEY, []);
  }
}

async function ask({ extension, url }: Access, shownServer: string, tool: string): Promise<Answer> {
  const isNamed = extension !== UNNAMED;
  const allow = { title: isNamed ? line`Allow` : line`Allow in This Window` };
  const once = { title: line`Allow Once` };
  const deny = { title: line`Deny`, isCloseAffordance: true };
  const detail = paragraphs(
    line`It is about to call ${tool}, which does not say that it only reads. It calls as you do: with the credentials of your settings, at ${url}.`,
    isNamed
      ? line`“Sluice: Revoke Access of Extensions” takes it back.`
      : line`It did not say which extension it is: you are asked again in the next window.`,
  );
  const text = joined(' ', nameOf(extension), line`wants to call tools of the server ${shownServer}.`);
  const chosen = await window.showWarningMessage(text, { modal: true, detail }, allow, once, deny);
  return chosen === allow ? 'allow' : chosen === once ? 'once' : 'deny';
}

/** By the name that VS Code knows it by. */
function nameOf(extension: string): Line {
  if (extension === UNNAMED) return line`Another extension`;
  const { displayName } = vscode.extensions.getExtension(extension)?.packageJSON ?? {};
  return typeof displayName === 'string'
    ? line`The extension “${displayName}” (${extension})`
    : line`The extension ${extension}`;
}

function keyOf({ extension, server, url }: Access): string {
  return JSON.stringify([extension, server, url]);
}

function notAllowed({ extension, server }: Access, tool: string): SluiceError {
  const who = extension === UNNAMED ? 'the extension that asked' : `the extension ${extension}`;
  return new SluiceError('not-allowed', `You did not allow ${who} to call ${tool}`, {
    server,
    delivery: 'not-sent',
    hint: 'Run “Sluice: Revoke Access of Extensions” to be asked again.',
  });
}
