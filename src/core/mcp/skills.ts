import { SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { SKILLS_EXTENSION } from './clientFeatures.ts';
import type { ResourceContents, Skill } from './mcpTypes.ts';
import { notOffered, offersExtension } from './offered.ts';
import { PagedList } from './pagedList.ts';
import type { RequestOptions, Requests } from './requests.ts';
import type { Resources } from './resources.ts';
import { entryProblem } from './skillEntry.ts';
import { promisedFile, verify } from './skillVerification.ts';

/**
 * The skills of a server (ext-skills). What a list or `get` gives is a promise of files; a file is read when somebody
 * wants it and never before, and given away when it keeps the promise. Nothing that a skill says is acted upon here.
 */
export class Skills {
  readonly #requests: Requests;
  readonly #resources: Resources;
  readonly #list: PagedList<Skill>;

  constructor(requests: Requests, resources: Resources, clock: Clock) {
    this.#requests = requests;
    this.#resources = resources;
    this.#list = new PagedList({
      requests,
      method: 'skills/list',
      member: 'skills',
      read: (entry) => this.#read(entry),
      clock,
    });
  }

  async list(signal: AbortSignal | undefined, refresh: boolean): Promise<readonly Skill[]> {
    this.#requireOffered();
    return this.#list.get(signal, refresh);
  }

  /** @throws SluiceError */
  async get(uri: string, signal: AbortSignal | undefined): Promise<Skill> {
    this.#requireOffered();
    const { result } = await this.#requests.send('skills/get', { uri }, { signal, repeatable: true });
    const { skill } = result;
    const problem = entryProblem(skill);
    if (problem !== undefined) throw unusable('skills/get', problem);
    if ((skill as Skill).uri !== uri) throw unusable('skills/get', 'it is about another skill');
    return skill as Skill;
  }

  /**
   * @param skill as it was when the user agreed to it
   * @param uri of one of its files
   * @throws SluiceError `verification-failed` where it is not what `skill` promises
   */
  async read(skill: Skill, uri: string, options: RequestOptions): Promise<ResourceContents> {
    this.#requireOffered();
    const promised = promisedFile(skill, uri);
    // What is kept by the server's word may be older than the promise.
    const { contents } = await this.#resources.read(uri, options, true);
    const [content, ...others] = contents.filter((one) => one.uri === uri);
    if (content === undefined || others.length > 0 || !hasTextOrBlob(content))
      throw unusable(
        'resources/read',
        `it does not have exactly one content of ${uri}, with either a "text" or a "blob"`,
      );
    verify(skill, promised, content);
    return content;
  }

  #requireOffered(): void {
    const { info, revision } = this.#requests;
    if (revision.skills === 'none') throw notOffered('skills', `${revision.version} has none`);
    if (!offersExtension(info, SKILLS_EXTENSION))
      throw notOffered('skills', `its capabilities do not have the extension ${SKILLS_EXTENSION}`);
  }

  #read(entry: unknown): Skill | undefined {
    const problem = entryProblem(entry);
    if (problem === undefined) return entry as Skill;
    const uri = isObject(entry) ? entry['uri'] : undefined;
    const named = uri === undefined ? 'no URI' : excerpt(uri);
    this.#requests.warn(`a skill was left out of skills/list, because ${problem}: ${named}`);
    return undefined;
  }
}

function hasTextOrBlob({ text, blob }: ResourceContents): boolean {
  return (typeof text === 'string') !== (typeof blob === 'string');
}

function unusable(method: string, problem: string): SluiceError {
  return new SluiceError('not-mcp', `The answer to ${method} cannot be used: ${problem}`, {
    phase: 'response',
    delivery: 'answered',
    hint: 'The fault is in the server: report it to its author.',
  });
}
