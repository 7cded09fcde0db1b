import type { ProtocolChoice } from '../config/serverConfig.ts';
import { isSluiceError, SluiceError, sentence } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { CallDelivery } from '../transport/callDelivery.ts';
import { isPassing } from '../transport/httpFailure.ts';
import { HttpSse, type Opened, type OpenOptions } from '../transport/httpSse.ts';
import type { Reply } from '../transport/reply.ts';
import type { StreamableHttp } from '../transport/streamableHttp.ts';
import { clientCapabilities } from './clientFeatures.ts';
import type { Implementation } from './mcpTypes.ts';
import { orSoon } from './orSoon.ts';
import { LATEST_LEGACY, LATEST_MODERN, newestShared, type Revision, revisionOf } from './protocolVersion.ts';
import { type Rpc, rpcErrorOf } from './rpc.ts';
import type { ServerInfo } from './serverInfo.ts';
import { readShape } from './shape.ts';
import { IMPLEMENTATION } from './shapes.ts';

export interface NegotiationOptions {
  /** Its transport is the one that was found to be the server's. */
  readonly rpc: Rpc;
  readonly streamableHttp: StreamableHttp;
  readonly openHttpSse: (options: OpenOptions) => Promise<Opened>;
  readonly choice: ProtocolChoice;
  /** The revision this server was found to speak last time. */
  readonly remembered: string | undefined;
  /** Milliseconds for each request. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

export interface Negotiated {
  readonly revision: Revision;
  readonly info: ServerInfo;
}

/** Errors that only a modern server sends (2026-07-28, basic, Error Codes). */
const HEADER_MISMATCH = -32020;
const MISSING_CLIENT_CAPABILITY = -32021;
const UNSUPPORTED_PROTOCOL_VERSION = -32022;
const METHOD_NOT_FOUND = -32601;
const ONLY_MODERN: ReadonlySet<unknown> = new Set([
  HEADER_MISMATCH,
  MISSING_CLIENT_CAPABILITY,
  UNSUPPORTED_PROTOCOL_VERSION,
]);
const MODERN_ERRORS: ReadonlySet<unknown> = new Set([...ONLY_MODERN, METHOD_NOT_FOUND]);

type Probe =
  | { readonly kind: 'modern'; readonly negotiated: Negotiated }
  /** `error` is why it is not taken for a modern one; `legacy` the revision it named, if it named one. */
  | { readonly kind: 'not-modern'; readonly error: SluiceError; readonly legacy?: Revision };

/**
 * Finds out which revision a server speaks (2026-07-28, Versioning: Backward Compatibility).
 *
 *     auto --server/discover--> result, or a modern error -------------------> modern
 *                               anything else --initialize--> result --------> legacy
 *                                                             400, 404, 405 --GET--> `endpoint` --initialize--> legacy,
 *                                                             error ----+            anything else              over HTTP+SSE
 *                                                                       +------------+--> that error, told with both attempts
 *
 * A server that was legacy last time is asked with `initialize` first.
 * @throws SluiceError `protocol-unsupported`, or what the requests throw
 */
export async function negotiate(options: NegotiationOptions): Promise<Negotiated> {
  const { choice, remembered, rpc, streamableHttp } = options;
  const before = rpc.transport;
  rpc.transport = streamableHttp;
  if (before instanceof HttpSse) {
    await before.endSession();
    if (choice === 'auto') {
      const again = await overHttpSse(LATEST_LEGACY, options);
      if (again.kind === 'negotiated') return again.negotiated;
    }
  }
  if (choice !== 'auto') {
    const revision = revisionOf(choice);
    if (revision === undefined) throw new Error(`no row for ${choice}`);
    try {
      return await asPinned(revision, options);
    } catch (error) {
      throw isSluiceError(error) ? pinnedTo(revision, error) : error;
    }
  }
  if (remembered !== undefined && revisionOf(remembered)?.era === 'legacy') {
    try {
      return await shakeHands(LATEST_LEGACY, options);
    } catch (error) {
      if (!tellsTheEra(error)) throw error;
    }
  }
  const probe = await discover(LATEST_MODERN, options);
  if (probe.kind === 'modern') return probe.negotiated;
  try {
    return await shakeHands(probe.legacy ?? LATEST_LEGACY, options);
  } catch (error) {
    if (!tellsTheEra(error)) throw error;
    throw neither(probe.error, error as SluiceError);
  }
}

/** Nothing else is tried. */
async function asPinned(revision: Revision, options: NegotiationOptions): Promise<Negotiated> {
  if (revision.era === 'modern') {
    const probe = await discover(revision, options);
    if (probe.kind === 'modern') return probe.negotiated;
    throw probe.error;
  }
  if (revision.transport === 'streamable-http') return initialize(revision, options, 'pinned');
  const found = await overHttpSse(revision, options, 'pinned');
  if (found.kind === 'negotiated') return found.negotiated;
  throw found.error;
}

/** What the user pinned is the first thing to look at, whatever else the error advises. */
function pinnedTo({ version, transport }: Revision, error: SluiceError): SluiceError {
  if (!tellsTheEra(error) && error.code !== 'protocol-unsupported') return error;
  const over = transport === 'http+sse' ? ', which is spoken over HTTP+SSE' : '';
  const hint = `Set "protocol" to "auto": it is pinned to ${version}${over}. ${error.hint ?? ''}`.trim();
  return error.but({ phase: 'negotiation', hint });
}

/** Asks as a modern client. What says nothing about the era (a dead server, missing credentials) is thrown. */
async function discover(revision: Revision, options: NegotiationOptions, isRetry = false): Promise<Probe> {
  const { rpc, timeout, signal } = options;
  try {
    const { result } = await rpc.request(
      revision,
      'server/discover',
      {},
      { call: new CallDelivery(), timeout, signal, repeatable: true },
    );
    const supported = result['supportedVersions'];
    if (!Array.isArray(supported))
      return {
        kind: 'not-modern',
        error: notDiscovered('its answer to server/discover has no "supportedVersions"'),
      };
    if (supported.includes(revision.version)) return modern(revision, result);
    return await another(supported, revision, options, isRetry);
  } catch (error) {
    if (!tellsTheEra(error)) throw notNow(error);
    const rpcError = rpcErrorOf(error);
    if (rpcError?.code === UNSUPPORTED_PROTOCOL_VERSION) {
      const supported = isObject(rpcError.data) ? rpcError.data['supported'] : undefined;
      return another(Array.isArray(supported) ? supported : [], revision, options, isRetry);
    }
    // A modern server that wants the request otherwise: falling back would hide what it says.
    if (rpcError?.code === HEADER_MISMATCH || rpcError?.code === MISSING_CLIENT_CAPABILITY)
      throw (error as SluiceError).filledWith({ phase: 'negotiation' });
    return { kind: 'not-modern', error: error as SluiceError };
  }
}

/** The server speaks other revisions than the one it was asked with. */
async function another(
  supported: readonly unknown[],
  asked: Revision,
  options: NegotiationOptions,
  isRetry: boolean,
): Promise<Probe> {
  const shared = newestShared(supported, 'modern');
  // A server may refuse the very revision that it lists; asking once more is all that is worth it.
  if (shared !== undefined && !isRetry) return discover(shared, options, true);
  const legacy = newestShared(supported, 'legacy');
  const error = new SluiceError(
    'protocol-unsupported',
    `The server speaks ${supported.length === 0 ? 'no revision that it names' : supported.join(', ')}, and not ${asked.version}`,
    { phase: 'negotiation', delivery: 'answered', hint: 'Sluice speaks 2024-11-05 to 2026-07-28.' },
  );
  if (legacy === undefined) throw error;
  return { kind: 'not-modern', error, legacy };
}

function modern(revision: Revision, result: Readonly<Record<string, unknown>>): Probe {
  const meta = isObject(result['_meta']) ? result['_meta'] : {};
  const info = serverInfo(revision, result, meta['io.modelcontextprotocol/serverInfo']);
  return { kind: 'modern', negotiated: { revision, info } };
}

/**
 * `initialize` over Streamable HTTP, and where the server does not know that, over HTTP+SSE.
 * @throws SluiceError of the first where there is no HTTP+SSE either
 */
async function shakeHands(asked: Revision, options: NegotiationOptions): Promise<Negotiated> {
  try {
    return await initialize(asked, options);
  } catch (error) {
    if (!mayBeHttpSse(error)) throw error;
    const found = await overHttpSse(asked, options);
    if (found.kind === 'negotiated') return found.negotiated;
    throw error;
  }
}

/**
 * "If it fails with HTTP status code 400 Bad Request, 404 Not Found, or 405 Method Not Allowed and the response body is
 * not a recognized modern JSON-RPC error" (2026-07-28, Streamable HTTP: HTTP+SSE Transport).
 */
function mayBeHttpSse(error: unknown): boolean {
  if (!isSluiceError(error)) return false;
  const { status, rpc } = error;
  return (status === 400 || status === 404 || status === 405) && !MODERN_ERRORS.has(rpc?.code);
}

/** Messages go over HTTP+SSE from here on, if the server speaks it. */
async function overHttpSse(
  asked: Revision,
  options: NegotiationOptions,
  pinned?: 'pinned',
): Promise<
  | { readonly kind: 'negotiated'; readonly negotiated: Negotiated }
  | Extract<Opened, { readonly kind: 'absent' }>
> {
  const { rpc, streamableHttp, openHttpSse, timeout, signal } = options;
  const opened = await openHttpSse({ timeout, signal });
  if (opened.kind === 'absent') return opened;
  rpc.transport = opened.transport;
  try {
    return { kind: 'negotiated', negotiated: await initialize(asked, options, pinned) };
  } catch (error) {
    rpc.transport = streamableHttp;
    await opened.transport.endSession();
    throw error;
  }
}

/** The handshake of the legacy era (2025-11-25, Lifecycle: Initialization). */
async function initialize(
  asked: Revision,
  options: NegotiationOptions,
  pinned?: 'pinned',
  isRetry = false,
): Promise<Negotiated> {
  const { rpc, streamableHttp, timeout, signal } = options;
  streamableHttp.sessionId = undefined;
  // A server may ask already now, on a stream that is there already now.
  void rpc.listen(undefined);
  const { features, info: clientInfo } = rpc.identity;
  const params = {
    protocolVersion: asked.version,
    capabilities: clientCapabilities(features, asked),
    clientInfo,
  };
  const asking = { call: new CallDelivery(), timeout, signal, repeatable: true };
  const answer = await rpc.request(undefined, 'initialize', params, asking).catch((error: unknown) => {
    const spoken = pinned === undefined && !isRetry ? spokenInstead(error, asked) : undefined;
    if (spoken === undefined) throw error;
    return spoken;
  });
  // The server should have answered with one that it speaks (2025-11-25, Version Negotiation), and refuses with a list of them.
  if (!('reply' in answer)) return initialize(answer, options, pinned, true);
  const { result, reply } = answer;
  const answered = result['protocolVersion'];
  const revision = typeof answered === 'string' ? revisionOf(answered) : undefined;
  if (revision?.era !== 'legacy' || (pinned !== undefined && revision !== asked)) {
    throw new SluiceError(
      'protocol-unsupported',
      `The server answers initialize with the revision ${excerpt(answered)}, asked for ${asked.version}`,
      {
        phase: 'negotiation',
        delivery: 'answered',
        hint: 'Sluice speaks 2024-11-05 to 2026-07-28.',
      },
    );
  }
  const session = reply.headers['mcp-session-id'];
  // "The session ID MUST only contain visible ASCII characters"; another one could not be sent back.
  if (typeof session === 'string' && /^[\x21-\x7e]+$/.test(session)) streamableHttp.sessionId = session;
  await sayInitialized(revision, reply, options);
  return { revision, info: serverInfo(revision, result, result['serverInfo']) };
}

/** Characters of a refusal in which revisions are looked for. */
const MOST_REFUSED = 2_000;

/** The newest legacy revision that a refusal names, in its data or in its words, beside the one that was asked for. */
function spokenInstead(error: unknown, asked: Revision): Revision | undefined {
  const refusal = rpcErrorOf(error);
  if (refusal === undefined) return undefined;
  const said = `${refusal.message.slice(0, MOST_REFUSED)} ${excerpt(refusal.data, MOST_REFUSED)}`;
  const named = said.match(/\b\d{4}-\d{2}-\d{2}\b/g) ?? [];
  return newestShared(
    named.filter((version) => version !== asked.version),
    'legacy',
  );
}

/** Milliseconds, at most: for the handshake to wait for an answer to its last message, and for that answer. */
const INITIALIZED_TIMEOUT = 1_000;

/**
 * The last message of the handshake, which is over for the client when that is sent: the answer is an empty 202. It is
 * waited for all the same, so that no request overtakes the message on another connection, but no longer than the server
 * took for `initialize`, twice: one that keeps the POST open would hold every call up.
 * @throws SluiceError where it could not be sent
 */
async function sayInitialized(
  revision: Revision,
  { timing }: Reply,
  { rpc, clock, timeout }: NegotiationOptions,
): Promise<void> {
  const sent = Promise.withResolvers<void>();
  const post = { onSent: sent.resolve, answerTimeout: Math.min(timeout, INITIALIZED_TIMEOUT) };
  const answered = rpc.notify(revision, 'notifications/initialized', post).catch((error: SluiceError) => {
    // Once it was sent, whether the server takes the client for initialized shows at the first call.
    if (error.delivery === 'not-sent') throw error;
    if (error.code !== 'closed')
      rpc.transport.warn(`the server did not accept notifications/initialized: ${error.message}`);
  });
  const took = timing.total - timing.queued - timing.connect;
  await Promise.race([answered, sent.promise]);
  await orSoon(answered, clock, Math.min(2 * took, post.answerTimeout));
}

function serverInfo(
  { version, era }: Revision,
  result: Readonly<Record<string, unknown>>,
  implementation: unknown,
): ServerInfo {
  const { capabilities, instructions } = result;
  return {
    protocolVersion: version,
    era,
    implementation: readImplementation(implementation),
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  };
}

/** Undefined where it has no name. */
function readImplementation(value: unknown): Implementation | undefined {
  const read = readShape(value, IMPLEMENTATION);
  return read.kind === 'read' ? ({ version: '', ...read.value } as unknown as Implementation) : undefined;
}

/** Whether a failure says how the server speaks, and not only that it could not be asked. */
function tellsTheEra(error: unknown): boolean {
  // What was never sent was not answered either, however long it waited for a connection.
  if (!isSluiceError(error) || error.delivery === 'not-sent') return false;
  if (isPassing(error.status)) return ONLY_MODERN.has(error.rpc?.code);
  switch (error.code) {
    case 'jsonrpc-error':
    case 'http-status':
    case 'not-found':
    case 'not-mcp':
    case 'stream-ended':
    case 'session-lost':
    // "stay silent" is one of the ways a legacy server may answer; so is closing the connection.
    case 'request-timeout':
    case 'connection-lost':
      return true;
    default:
      return false;
  }
}

/** A gateway that gives up waiting for a legacy server, which stays silent, does so each time. */
function notNow(error: unknown): unknown {
  if (!isSluiceError(error) || error.code !== 'http-status' || error.status === undefined) return error;
  return new SluiceError('http-status', error.message, {
    phase: 'negotiation',
    delivery: error.delivery,
    status: error.status,
    hint: `${error.hint} If only server/discover is answered so, set "protocol" to "2025-11-25".`,
    cause: error,
  });
}

/** Which of the two failures tells the user more: the one that came from an MCP server, if one did. */
function neither(asModern: SluiceError, asLegacy: SluiceError): SluiceError {
  const modernKnown = asModern.rpc !== undefined && asModern.rpc.code !== METHOD_NOT_FOUND;
  const { status = 0 } = asLegacy;
  const legacyUnknown = asLegacy.rpc === undefined && status >= 400 && status < 500;
  const telling = legacyUnknown && modernKnown ? asModern : asLegacy;
  return new SluiceError(telling.code, telling.message, {
    phase: 'negotiation',
    delivery: telling.delivery,
    ...(telling.status === undefined ? {} : { status: telling.status }),
    ...(telling.rpc === undefined ? {} : { rpc: telling.rpc }),
    hint: `${telling.hint ?? ''} server/discover (2026-07-28) was answered with: ${sentence(asModern.message)} initialize (2025-11-25) with: ${sentence(asLegacy.message)}`.trim(),
    cause: new AggregateError([asModern, asLegacy]),
  });
}

function notDiscovered(problem: string): SluiceError {
  return new SluiceError('not-mcp', `The server is not a modern one: ${problem}`, {
    phase: 'negotiation',
    delivery: 'answered',
  });
}
