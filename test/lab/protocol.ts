import { type Answer, accepted, type Exchange, httpAnswer, refusal } from './answer.ts';
import { isRequest, type Request } from './jsonrpc.ts';
import type { Received } from './ledger.ts';
import { type LegacyRules, looksModern, refuseLegacy } from './legacy.ts';
import { refuseModern } from './modern.ts';
import type { Offers } from './offers.ts';
import { type Era, failure, http, type Outcome, result, SERVER_INFO } from './outcome.ts';
import type { ServerStreams } from './serverStreams.ts';
import type { Send, ToolCalls } from './toolCalls.ts';
import type { Tools } from './tools.ts';

const METHOD_NOT_FOUND = -32601;

export interface ProtocolOptions {
  readonly modernVersions: readonly string[];
  readonly legacy: LegacyRules;
  /** False: a legacy GET is answered with 405. */
  readonly serverStream: boolean;
  readonly tools: Tools;
  readonly calls: ToolCalls;
  readonly offers: Offers;
  readonly streams: ServerStreams;
}

/** What the lab's server does with a request, in both eras. How the answer travels is the mode's affair. */
export class Protocol {
  readonly #options: ProtocolOptions;
  /** Another one where the server was put in another's place. */
  era: Era | 'dual';

  constructor(era: Era | 'dual', options: ProtocolOptions) {
    this.era = era;
    this.#options = options;
  }

  async run(exchange: Exchange, send: Send | undefined): Promise<Outcome> {
    const { request } = exchange;
    const { message, httpMethod } = request;
    const era = this.#eraOf(request);
    const refused = notAcceptable(request) ?? this.#refused(era, request);
    if (refused !== undefined) return http(refused);
    if (era === 'legacy') this.#nameSession(exchange);
    if (httpMethod === 'GET') return this.#get(exchange);
    if (httpMethod === 'DELETE') return http(this.#delete(request));
    if (isRequest(message)) return this.#perform(era, message, exchange, send);
    if (message?.method === 'notifications/cancelled') this.#options.calls.cancel(request);
    if (message?.method === undefined && message?.id !== undefined) {
      this.#options.calls.answered(message.id, message.result ?? { action: 'cancel' });
    }
    return http(accepted);
  }

  #eraOf(request: Received): Era {
    const { era } = this;
    if (era !== 'dual') return era;
    return looksModern(request) ? 'modern' : 'legacy';
  }

  #refused(era: Era, request: Received): Answer | undefined {
    const { modernVersions, tools, legacy } = this.#options;
    return era === 'modern' ? refuseModern(request, modernVersions, tools) : refuseLegacy(request, legacy);
  }

  /** Like the official SDK 1.x: a session is made at `initialize`, and named on every answer. */
  #nameSession({ request, reply }: Exchange): void {
    const { sessions } = this.#options.legacy;
    if (sessions === undefined) return;
    const { message, headers } = request;
    const isNew = message?.method === 'initialize';
    const id = isNew ? sessions.mint(message?.params?.capabilities ?? {}) : headers['mcp-session-id'];
    if (id !== undefined) reply.headers.set('Mcp-Session-Id', id);
  }

  #get({ request, replays }: Exchange): Outcome {
    const { 'mcp-session-id': session, 'last-event-id': lastEventId = '' } = request.headers;
    const replay = replays.get(lastEventId);
    if (replay !== undefined) return { kind: 'response', response: replay };
    if (this.#options.serverStream && session !== undefined) return http(this.#options.streams.get(session));
    return http(refusal(405, { code: -32000, message: 'Method not allowed.' }));
  }

  #delete({ headers }: Received): Answer {
    this.#options.legacy.sessions?.delete(headers['mcp-session-id'] ?? '');
    return httpAnswer(200);
  }

  async #perform(era: Era, request: Request, exchange: Exchange, send: Send | undefined): Promise<Outcome> {
    const { streams, modernVersions, legacy, tools, calls, offers } = this.#options;
    const { method, params } = request;
    const caller = { era, request, received: exchange.request, closed: exchange.reply.closed, send };
    if (method === 'tools/call') {
      const tool = tools.get(params?.name ?? '');
      return (tool && offers.tasks.create(caller, tool)) ?? calls.call(caller);
    }
    if (method === 'tools/list') {
      return offers.page(
        caller,
        'tools',
        [...tools.values()].map((tool) => tool.definition),
      );
    }
    const capabilities = offers.capabilities(era);
    switch (`${era} ${method}`) {
      case 'modern server/discover':
        return offers.cacheable(caller, { supportedVersions: modernVersions, capabilities });
      case 'modern subscriptions/listen':
        return http(streams.listen(request.id, params?.notifications ?? {}));
      case 'legacy initialize': {
        const asked = params?.protocolVersion ?? '';
        const protocolVersion = legacy.versions.includes(asked) ? asked : legacy.versions[0];
        return result(era, request, { protocolVersion, capabilities, serverInfo: SERVER_INFO });
      }
      case 'legacy ping':
        return result(era, request, {});
      default: {
        const offered = await offers.perform(caller);
        if (offered !== undefined) return offered;
        const unknown = { code: METHOD_NOT_FOUND, message: `Method not found: ${method}` };
        return era === 'modern' ? http(refusal(404, unknown, request.id)) : failure(request, unknown);
      }
    }
  }
}

/** What both eras ask of any POST. */
function notAcceptable({ httpMethod, headers, message }: Received): Answer | undefined {
  if (httpMethod !== 'POST') return undefined;
  const { accept = '', 'content-type': type = '' } = headers;
  if (!accept.includes('application/json') || !accept.includes('text/event-stream')) {
    const wanted = 'Not Acceptable: Client must accept both application/json and text/event-stream';
    return refusal(406, { code: -32000, message: wanted });
  }
  if (!type.startsWith('application/json')) {
    const wanted = 'Unsupported Media Type: Content-Type must be application/json';
    return refusal(415, { code: -32000, message: wanted });
  }
  return message === undefined ? refusal(400, { code: -32700, message: 'Parse error' }) : undefined;
}
