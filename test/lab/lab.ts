import type { Socket } from 'node:net';
import type { Answer, Exchange } from './answer.ts';
import type { Arrival } from './arrival.ts';
import { Holds } from './holds.ts';
import { isRequest, type Message, type Response } from './jsonrpc.ts';
import { type Counts, Ledger, type Received } from './ledger.ts';
import { LEGACY_VERSIONS, type ToModern } from './legacy.ts';
import { Listener } from './listener.ts';
import { MODERN_VERSION } from './modern.ts';
import { status } from './modes/statuses.ts';
import { prompt } from './modes/whole.ts';
import { answerOver, type Mode } from './modes.ts';
import { Offers } from './offers.ts';
import type { Era } from './outcome.ts';
import { labPrompts, type Prompts } from './prompts.ts';
import { Protocol } from './protocol.ts';
import type { HttpVersion } from './reply.ts';
import { labResources, type Resources } from './resources.ts';
import { SchemaCheck } from './schemaCheck.ts';
import { type Filter, ServerStreams } from './serverStreams.ts';
import { Sessions } from './sessions.ts';
import { labSkills, type Skills } from './skills.ts';
import type { LabTls } from './tls.ts';
import { ToolCalls } from './toolCalls.ts';
import { type LabTool, labTools, type Tools } from './tools.ts';

/**
 * Which requests the mode answers. JSON-RPC methods, `GET`, `DELETE`,
 * or `all`: every JSON-RPC request, `initialize` and `server/discover` included.
 */
export type On = readonly string[] | 'all';

export interface LabOptions {
  /** `prompt` by default. */
  readonly mode?: Mode;
  /** `['tools/call']` by default, so that a client gets as far as its first call. */
  readonly on?: On;
  /** How the others are answered; `prompt` by default. */
  readonly others?: Mode;
  /** `modern` by default. `dual` serves each request in the era it speaks. */
  readonly era?: Era | 'dual';
  /** The revisions the server admits to; the first is the one it offers. */
  readonly versions?: { readonly modern?: readonly string[]; readonly legacy?: readonly string[] };
  /** Legacy: what a modern request is told. `sdk-1` by default: 400 with a code of no meaning. */
  readonly toModern?: ToModern;
  /** Legacy: false for a server without sessions. */
  readonly sessions?: boolean;
  /** Legacy: false where a GET is answered with 405. */
  readonly serverStream?: boolean;
  /** Modern: `ttlMs` of lists and of what is read, 0 by default. */
  readonly listTtlMs?: number;
  /** Entries of one page of any list; all of them by default. */
  readonly pageSize?: number;
  /** True where the server declares that it tells of changes to its lists and resources. */
  readonly changes?: boolean;
  /** Modern: the part of a subscription's filter that the server agrees to; all of it by default. */
  readonly agrees?: (filter: Filter) => Filter;
  readonly tools?: readonly LabTool[];
  /** Any that is free by default: only a server that takes the place of another one wants its port. */
  readonly port?: number;
  /** Sees each socket as it is accepted, and may break it off. */
  readonly onAccept?: (socket: Socket) => void;
  /**
   * How many sockets are served at one time; all of them by default. A worker is bound to a socket until it is closed,
   * the handshake of TLS included: with one worker, and `no-keepalive` on `all`, it is what gunicorn is at its defaults.
   */
  readonly workers?: number;
  readonly tls?: LabTls;
  /**
   * Over TLS. True offers HTTP/2 and HTTP/1.1 by ALPN, `only` HTTP/2 alone. A mode that no offered version can
   * express is refused at once; where the client chose the wrong one of two, the request is answered with 505.
   */
  readonly http2?: boolean | 'only';
  /** HTTP/2: how many streams a client may have open on a connection; it is told when the connection begins. */
  readonly maxConcurrentStreams?: number;
  /** False counts only, keeps no requests and checks none against the schema: for runs of many thousand calls. */
  readonly record?: boolean;
}

/** A small MCP server over real sockets that answers in the way it is told to. Nothing in it is random. */
export interface Lab {
  /** The MCP endpoint: `http(s)://127.0.0.1:<port>/mcp`. */
  readonly url: string;
  /** Counted on the server's side. Live: read it again after an await. */
  readonly counts: Counts;
  /** Every HTTP request in the order it arrived. */
  readonly received: readonly Received[];
  /** The tools on offer; add, replace or remove at will, then `notify('notifications/tools/list_changed')`. */
  readonly tools: Tools;
  /** The resources, prompts and skills (modern) on offer, live as the tools are. */
  readonly resources: Resources;
  readonly prompts: Prompts;
  readonly skills: Skills;
  readonly sessions: Sessions;
  /** From the next request on, the lab answers in another way. */
  use(mode: Mode, on?: On): void;
  /** From the next request on, it is a server of another era, which knows no session. Connections stay. */
  become(era: Era | 'dual'): void;
  /** Resolves as soon as `holds(lab)` is true. No polling. Rejects after `timeoutMs` (5 s) with the counts. */
  waitFor(holds: (lab: Lab) => boolean, timeoutMs?: number): Promise<void>;
  /** Lets go of everything held now: open tails, slow heads, `gated` calls. */
  release(): void;
  /** Sends a notification on every GET stream and on every subscription that asked for it. */
  notify(method: string, params?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Ends the long-lived streams in good order. */
  endStreams(): void;
  /** Closes every connection at once, and goes on listening: a restart of the server. Sessions survive it. */
  disconnect(): void;
  /** Closes every connection, and refuses new ones until `comeBack`: a server that is down. What it knows survives. */
  goAway(): Promise<void>;
  /** Listens again, at the same URL. */
  comeBack(): Promise<void>;
  /**
   * Closes every connection and stops listening.
   * @throws Error where a message broke the official schema of its revision
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a lab on a free port of 127.0.0.1. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const server = new LabServer(options);
  await server.listen();
  return server;
}

/** The URL of a port where nothing listens: a connection is refused. */
export async function refusingUrl(): Promise<string> {
  const lab = await startLab();
  await lab.close();
  return lab.url;
}

const PATH = '/mcp';
/** Where redirects within the lab lead: the same server, always prompt. */
const MOVED_PATH = '/moved';

class LabServer implements Lab {
  readonly tools: Tools;
  readonly resources = labResources();
  readonly prompts = labPrompts();
  readonly skills = labSkills();
  readonly sessions = new Sessions();
  readonly #ledger: Ledger;
  readonly #holds: Holds;
  readonly #streams: ServerStreams;
  readonly #protocol: Protocol;
  readonly #replays = new Map<string, Response>();
  readonly #schemaCheck: SchemaCheck | undefined;
  readonly #versions: readonly HttpVersion[];
  readonly #listener: Listener;
  readonly #others: Answer;
  #answer: Answer;
  #on: On;

  constructor(options: LabOptions) {
    const { mode = 'prompt', on = ['tools/call'], others = 'prompt', tls, tools, record = true } = options;
    this.#versions = versionsOf(options);
    this.#others = answerOver(this.#versions, others);
    this.#answer = answerOver(this.#versions, mode);
    this.#on = on;
    this.tools = labTools(tools);
    this.#ledger = new Ledger(record);
    this.#schemaCheck = record ? new SchemaCheck() : undefined;
    this.#holds = new Holds(() => this.#ledger.set('held', this.#holds.size));
    const { sessions, resources, prompts, skills, tools: all } = this;
    this.#streams = new ServerStreams(
      {
        agrees: options.agrees ?? ((filter) => filter),
        subscribes: (session, uri) => sessions.subscribes(session, uri),
      },
      (open) => this.#ledger.set('streams', open),
    );
    const calls = new ToolCalls({ tools: all, sessions, holds: this.#holds, ledger: this.#ledger });
    this.#protocol = new Protocol(options.era ?? 'modern', {
      modernVersions: options.versions?.modern ?? [MODERN_VERSION],
      legacy: {
        versions: options.versions?.legacy ?? LEGACY_VERSIONS,
        sessions: options.sessions === false ? undefined : sessions,
        toModern: options.toModern ?? 'sdk-1',
      },
      serverStream: options.serverStream ?? true,
      tools: all,
      calls,
      offers: new Offers({
        resources,
        prompts,
        skills,
        sessions,
        calls,
        listTtlMs: options.listTtlMs ?? 0,
        pageSize: options.pageSize ?? Number.POSITIVE_INFINITY,
        changes: options.changes ?? false,
      }),
      streams: this.#streams,
    });
    this.#listener = new Listener({
      tls,
      versions: this.#versions,
      port: options.port ?? 0,
      onAccept: options.onAccept,
      workers: options.workers ?? Number.POSITIVE_INFINITY,
      maxConcurrentStreams: options.maxConcurrentStreams,
      ledger: this.#ledger,
      serve: (arrival) => this.#serve(arrival),
    });
  }

  get url(): string {
    return `${this.#listener.origin}${PATH}`;
  }

  get counts(): Counts {
    return this.#ledger.counts;
  }

  get received(): readonly Received[] {
    return this.#ledger.received;
  }

  listen(): Promise<void> {
    return this.#listener.listen();
  }

  use(mode: Mode, on: On = this.#on): void {
    this.#answer = answerOver(this.#versions, mode);
    this.#on = on;
  }

  become(era: Era | 'dual'): void {
    this.#protocol.era = era;
    this.sessions.forget();
  }

  waitFor(holds: (lab: Lab) => boolean, timeoutMs?: number): Promise<void> {
    return this.#ledger.waitFor(() => holds(this), String(holds), timeoutMs);
  }

  release(): void {
    this.#holds.release();
  }

  notify(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<void> {
    return this.#streams.notify(method, params);
  }

  endStreams(): void {
    this.#streams.end();
  }

  disconnect(): void {
    this.#listener.disconnect();
  }

  goAway(): Promise<void> {
    return this.#listener.close();
  }

  comeBack(): Promise<void> {
    return this.#listener.listen();
  }

  async close(): Promise<void> {
    await this.#listener.close();
    this.#schemaCheck?.assertNothingWrong();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #serve({ request: { body, ...request }, socket, nth, reply }: Arrival): Promise<void> {
    const { httpVersion } = reply;
    const received: Received = { ...request, httpVersion, socket, nth, message: parse(body) };
    this.#ledger.request(received);
    this.#schemaCheck?.check(received, body);
    const exchange: Exchange = {
      request: received,
      reply,
      sessions: this.sessions,
      replays: this.#replays,
      run: (send) => this.#protocol.run(exchange, send),
      hold: (ms) => this.#holds.hold(reply.closed, ms),
    };
    await this.#answerTo(received)(exchange);
  }

  #answerTo(received: Received): Answer {
    const { path, httpMethod, message } = received;
    if (path === MOVED_PATH) return prompt;
    if (path !== PATH) return status(404);
    if (this.#on === 'all') return isRequest(message) ? this.#answer : this.#others;
    const label = httpMethod === 'POST' ? message?.method : httpMethod;
    return label !== undefined && this.#on.includes(label) ? this.#answer : this.#others;
  }
}

function versionsOf({ http2 = false, tls }: LabOptions): readonly HttpVersion[] {
  if (http2 === false) return ['1.1'];
  if (tls === undefined) throw new Error('HTTP/2 is offered over TLS: give the lab an identity');
  return http2 === 'only' ? ['2'] : ['2', '1.1'];
}

function parse(body: string): Message | undefined {
  try {
    return JSON.parse(body) as Message;
  } catch {
    return undefined;
  }
}
