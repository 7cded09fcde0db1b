import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** A JSON-RPC message as the tests look at it. */
export interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: { readonly progress?: number; readonly message?: string };
  readonly result?: Result;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: object };
}

/** The parts of all results that the tests look at. */
interface Result {
  readonly resultType?: string;
  readonly protocolVersion?: string;
  readonly tools?: readonly { readonly name: string }[];
  readonly content?: readonly ContentBlock[];
  readonly contents?: readonly object[];
  readonly messages?: readonly { readonly content: ContentBlock }[];
  readonly structuredContent?: object;
  readonly isError?: boolean;
  readonly requestState?: string;
}

interface ContentBlock {
  readonly type: string;
  readonly text?: string;
  readonly uri?: string;
  readonly resource?: { readonly text?: string };
}

/** A bare HTTP client that hides nothing: it sends what it is told and shows what comes back. */
export class DemoPeer {
  readonly #url: string;
  readonly #agent: Agent;
  #nextId = 1;

  constructor(url: string, maxSockets = Number.POSITIVE_INFINITY) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets });
  }

  close(): void {
    this.#agent.destroy();
  }

  async send(
    method: string,
    headers: Record<string, string | undefined>,
    body?: string | Buffer,
  ): Promise<Answer> {
    const present = Object.entries(headers).filter(([, value]) => value !== undefined);
    const outgoing = request(this.#url, { method, agent: this.#agent, headers: Object.fromEntries(present) });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return new Answer(response);
  }

  /** One message by POST, as a client of the legacy revisions sends it. */
  post(message: object, headers: Record<string, string | undefined> = {}): Promise<Answer> {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    return this.send('POST', { ...POST_HEADERS, ...headers }, body);
  }

  /** One request of revision 2026-07-28 with all its metadata; `headers` and `meta` replace or remove parts. */
  modern(
    method: string,
    params: { readonly name?: string; readonly [key: string]: unknown } = {},
    { headers = {}, meta = {} }: { headers?: Record<string, string | undefined>; meta?: object } = {},
  ): Promise<Answer> {
    const id = this.#nextId++;
    return this.post(
      { id, method, params: { ...params, _meta: { ...MODERN_META, ...meta } } },
      { 'mcp-protocol-version': MODERN, 'mcp-method': method, 'mcp-name': params.name, ...headers },
    );
  }

  /** A call of a tool in the modern era. */
  call(name: string, args: object = {}, options: { headers?: Record<string, string>; meta?: object } = {}) {
    return this.modern('tools/call', { name, arguments: args }, options);
  }

  /** The handshake of the legacy revisions. */
  async openSession(protocolVersion = '2025-11-25', capabilities: object = {}): Promise<Session> {
    const clientInfo = { name: 'demo-peer', version: '1.0.0' };
    const answer = await this.post({
      id: 'init',
      method: 'initialize',
      params: { protocolVersion, capabilities, clientInfo },
    });
    const { result } = await answer.response();
    const session = new Session(this, {
      'mcp-session-id': String(answer.headers['mcp-session-id']),
      'mcp-protocol-version': String(result?.protocolVersion),
    });
    await (await session.post({ method: 'notifications/initialized' })).text();
    return session;
  }
}

/** A session of a legacy revision. */
export class Session {
  readonly headers: Readonly<Record<string, string>>;
  readonly #peer: DemoPeer;
  #nextId = 1;

  constructor(peer: DemoPeer, headers: Record<string, string>) {
    this.#peer = peer;
    this.headers = headers;
  }

  get protocolVersion(): string | undefined {
    return this.headers['mcp-protocol-version'];
  }

  post(message: object): Promise<Answer> {
    return this.#peer.post(message, this.headers);
  }

  send(method: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#peer.send(method, { ...this.headers, ...headers });
  }

  call(name: string, args: object = {}, meta: object = {}): Promise<Answer> {
    const params = { name, arguments: args, _meta: meta };
    return this.post({ id: this.#nextId++, method: 'tools/call', params });
  }
}

/** What came back for one HTTP request. Read it once. */
export class Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly #body: IncomingMessage;

  constructor(body: IncomingMessage) {
    this.status = body.statusCode ?? 0;
    this.headers = body.headers;
    this.#body = body;
    body.setEncoding('utf8');
    body.on('error', () => {}); // a test that hangs up, or a server that closes: the test looks at the messages
  }

  async text(): Promise<string> {
    let text = '';
    for await (const chunk of this.#body) text += chunk;
    return text;
  }

  /** The JSON-RPC messages of the answer, be it an event stream or a single JSON value, as they arrive. */
  async *messages(): AsyncGenerator<Message, void> {
    if (this.headers['content-type'] !== 'text/event-stream') {
      yield JSON.parse(await this.text());
      return;
    }
    let pending = '';
    for await (const chunk of this.#body) {
      const blocks = `${pending}${chunk}`.split('\n\n');
      pending = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = block.split('\n').find((line) => line.startsWith('data: '));
        if (data !== undefined) yield JSON.parse(data.slice('data: '.length));
      }
    }
  }

  async all(): Promise<Message[]> {
    const messages: Message[] = [];
    for await (const message of this.messages()) messages.push(message);
    return messages;
  }

  /** The last message, after the answer has ended. */
  async response(): Promise<Message> {
    const last = (await this.all()).at(-1);
    if (last === undefined) throw new Error(`No message in an answer with status ${this.status}`);
    return last;
  }

  /** Closes the connection, which in the modern era cancels the request. */
  hangUp(): void {
    this.#body.destroy();
  }
}

/** The text of the first content block of a result. */
export function firstText({ result }: Message): string | undefined {
  return result?.content?.[0]?.text;
}

export const MODERN = '2026-07-28';

export const FORM_CAPABILITY = { elicitation: { form: {} } };

/** What a modern client that can show a form says of itself. */
export const CAN_SHOW_FORM = { 'io.modelcontextprotocol/clientCapabilities': FORM_CAPABILITY };

const POST_HEADERS = {
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
};

const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'demo-peer', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
