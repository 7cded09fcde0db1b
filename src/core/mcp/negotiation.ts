import type { ProtocolChoice } from '../config/serverConfig.ts';
import { isSluiceError, SluiceError } from '../errors.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { CallLog } from '../transport/callLog.ts';
import type { Opened, OpenOptions } from '../transport/httpSse.ts';
import type { Reply } from '../transport/reply.ts';
import type { Endpoint, TransportKind } from '../transport/transport.ts';
import {
  isItsWord,
  isOnlyModern,
  mayBeHttpSse,
  neither,
  noHttpSse,
  notNow,
  tellsTheEra,
} from './eraEvidence.ts';
import { HEADER_MISMATCH, MISSING_CLIENT_CAPABILITY, UNSUPPORTED_PROTOCOL_VERSION } from './errorCodes.ts';
import { type HandshakeOptions, initialize } from './handshake.ts';
import { LATEST_LEGACY, LATEST_MODERN, newestShared, type Revision, revisionOf } from './protocolVersion.ts';
import type { Rpc } from './rpc.ts';
import { rpcErrorOf } from './rpcFailure.ts';
import { readServerInfo, type ServerInfo } from './serverInfo.ts';
import { FAR, roundTripOf, type Session } from './session.ts';

/** The two transports that a server may have. */
export interface Endpoints {
  readonly streamableHttp: Endpoint;
  /** The transport before Streamable HTTP. */
  readonly openHttpSse: (options: OpenOptions) => Promise<Opened>;
}

export interface NegotiationOptions extends Endpoints {
  readonly rpc: Rpc;
  readonly choice: ProtocolChoice;
  /** The revision that this server was found to speak last time, and by which transport. */
  readonly remembered: string | undefined;
  readonly rememberedOver?: TransportKind | undefined;
  /** A call waits for it. */
  readonly isForCall: boolean;
  /** Milliseconds of a round trip to it, last time. */
  readonly roundTrip?: number | undefined;
  /** Milliseconds for each request. */
  readonly timeout: number;
  readonly clock: Clock;
}

type Probe =
  | { readonly kind: 'modern'; readonly session: Session }
  /** `error` is why it is not taken for a modern one; `legacy` the revision it named, if it named one. */
  | { readonly kind: 'not-modern'; readonly error: SluiceError; readonly legacy?: Revision };

type Options = NegotiationOptions & Pick<HandshakeOptions, 'lane' | 'onAnswered' | 'signal'>;

/** Milliseconds after which a server that says nothing to `server/discover` may be one that never will. */
const PATIENCE = 2_000;

/**
 * Finds out which revision a server speaks (2026-07-28, Versioning: Backward Compatibility).
 *
 *     auto --server/discover--> result, or a modern error -------------------> modern
 *                               anything else --initialize--> result --------> legacy
 *                               |     ^                       400, 404, 405 --GET--> `endpoint` --initialize--> legacy,
 *                               2 s --+ both at once          error ----+            anything else              over HTTP+SSE
 *                                                                       +------------+--> that error, told with both attempts
 *
 * A server that was legacy last time, and had said so, is asked with `initialize` first, and over HTTP+SSE where that was its
 * transport. Nothing is changed but that the server may have a session: what is returned says all.
 * @throws SluiceError `protocol-unsupported`, or what the requests throw
 */
export async function negotiate(options: NegotiationOptions): Promise<Session> {
  const { choice, remembered, rememberedOver } = options;
  if (choice !== 'auto') {
    const revision = revisionOf(choice);
    if (revision === undefined) throw new Error(`no row for ${choice}`);
    try {
      return await asPinned(revision, options);
    } catch (error) {
      throw isSluiceError(error) ? pinnedTo(revision, error) : error;
    }
  }
  if (rememberedOver === 'http+sse') {
    const again = await overHttpSse(LATEST_LEGACY, options);
    if (again.kind === 'spoken') return again.session;
  }
  if (remembered !== undefined && revisionOf(remembered)?.era === 'legacy') {
    try {
      return await shakeHands(LATEST_LEGACY, options);
    } catch (error) {
      if (!tellsTheEra(error)) throw error;
    }
  }
  return inEither(options);
}

/**
 * A session with a server that spoke a modern revision last time, without asking it: "a client may invoke any RPC inline"
 * (2026-07-28, Discovery: When to Call). Undefined where the server has to be asked first.
 */
export function asRemembered(
  info: ServerInfo,
  { choice, remembered, streamableHttp }: NegotiationOptions,
): Session | undefined {
  const revision = revisionOf(info.protocolVersion);
  const isChosen = choice === 'auto' ? remembered === info.protocolVersion : choice === info.protocolVersion;
  if (revision?.era !== 'modern' || !isChosen) return undefined;
  const transport = streamableHttp.transport(revision);
  return { transport, revision, over: 'streamable-http', info, roundTrip: undefined, isSure: true };
}

/** Asks as a modern client, and where that is not what the server speaks, or nothing comes, as a legacy one. */
async function inEither(options: NegotiationOptions): Promise<Session> {
  const asModern = new AbortController();
  const silent = Promise.withResolvers<undefined>();
  const { clock, streamableHttp } = options;
  let sentAt: number | undefined;
  const cancels: (() => void)[] = [];
  const onSent = () => {
    sentAt = clock.now();
    cancels.push(clock.schedule(PATIENCE, () => silent.resolve(undefined)));
    if (!options.isForCall) return;
    // The call, and the list of its tools.
    const following = { calls: 2, stream: false };
    streamableHttp.expect(following, { openedIn: FAR });
    cancels.push(clock.schedule(FAR, () => streamableHttp.expect(following, { roundTrip: FAR })));
  };
  const probing = settled(discover(LATEST_MODERN, abortedBy(asModern, options), { onSent }));
  const probed = await Promise.race([probing, silent.promise]);
  for (const cancel of cancels) cancel();
  if (probed === undefined) return theFirst(probing, asModern, options);
  if (probed.status === 'rejected') throw probed.reason;
  if (probed.value.kind === 'modern') return probed.value.session;
  const roundTrip = sentAt === undefined ? undefined : clock.now() - sentAt;
  return afterProbe(probed.value, { ...options, roundTrip });
}

/** The server is no modern one, by what it answered. */
async function afterProbe(
  { error: asModern, legacy }: Extract<Probe, { readonly kind: 'not-modern' }>,
  options: NegotiationOptions,
): Promise<Session> {
  const isSure = legacy !== undefined || isItsWord(asModern);
  try {
    return { ...(await shakeHands(legacy ?? LATEST_LEGACY, options)), isSure };
  } catch (error) {
    if (!tellsTheEra(error)) throw error;
    // A modern one after all: what server/discover was answered with before was not its word.
    const probe = isOnlyModern(error) && !isSure ? await discover(LATEST_MODERN, options) : undefined;
    if (probe?.kind === 'modern') return probe.session;
    throw neither(asModern, error);
  }
}

/** `server/discover` is not answered so far: `initialize` is sent besides, and what is answered first counts. */
async function theFirst(
  probing: Promise<PromiseSettledResult<Probe>>,
  asModern: AbortController,
  options: NegotiationOptions,
): Promise<Session> {
  const asLegacy = new AbortController();
  const onAnswered = () => asModern.abort();
  // The question that is open may have the only connection.
  const besides = { ...abortedBy(asLegacy, options), onAnswered, lane: 'aside' } as const;
  const shaking = settled(shakeHands(LATEST_LEGACY, besides));
  const isModern = probing.then((probed) => {
    // A handshake that was begun ends as one.
    if (probed.status === 'fulfilled' && probed.value.kind === 'modern') asLegacy.abort();
  });
  const shaken = await shaking;
  if (shaken.status === 'fulfilled') return { ...shaken.value, isSure: false };
  const mayBeModern = asLegacy.signal.aborted || tellsTheEra(shaken.reason);
  if (!mayBeModern) {
    asModern.abort();
    throw shaken.reason;
  }
  await isModern;
  const probed = await probing;
  if (probed.status === 'rejected') throw probed.reason;
  if (probed.value.kind === 'modern') return probed.value.session;
  throw neither(probed.value.error, shaken.reason as SluiceError);
}

function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  return Promise.allSettled([promise]).then(([one]) => one);
}

function abortedBy({ signal }: AbortController, options: NegotiationOptions): Options {
  return { ...options, signal };
}

/** Nothing else is tried. */
async function asPinned(revision: Revision, options: NegotiationOptions): Promise<Session> {
  if (revision.era === 'modern') {
    const probe = await discover(revision, options);
    if (probe.kind === 'modern') return probe.session;
    throw probe.error;
  }
  if (revision.transport === 'streamable-http')
    return initialize(revision, options.streamableHttp, options, 'pinned');
  const found = await overHttpSse(revision, options, 'pinned');
  if (found.kind === 'spoken') return found.session;
  throw found.error;
}

/** What the user pinned is the first thing to look at, whatever else the error advises. */
function pinnedTo({ version, transport }: Revision, error: SluiceError): SluiceError {
  if (error.code !== 'protocol-unsupported' && !tellsTheEra(error)) return error;
  const over = transport === 'http+sse' ? ', which is spoken over HTTP+SSE' : '';
  const hint = `Set "protocol" to "auto": it is pinned to ${version}${over}. ${error.hint ?? ''}`.trim();
  return error.but({ phase: 'negotiation', hint });
}

/** Asks as a modern client. What says nothing about the era (a dead server, missing credentials) is thrown. */
async function discover(
  revision: Revision,
  options: Options,
  { isRetry = false, onSent }: { readonly isRetry?: boolean; readonly onSent?: () => void } = {},
): Promise<Probe> {
  const { rpc, streamableHttp, timeout, signal } = options;
  const way = { transport: streamableHttp.transport(revision), revision };
  try {
    const { result, reply } = await rpc.request(
      way,
      'server/discover',
      {},
      { call: new CallLog(), timeout, signal, repeatable: true, onSent },
    );
    const supported = result['supportedVersions'];
    if (!Array.isArray(supported))
      return {
        kind: 'not-modern',
        error: notDiscovered('its answer to server/discover has no "supportedVersions"'),
      };
    if (supported.includes(revision.version)) return modern(way, result, reply);
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
      throw error.filledWith({ phase: 'negotiation' });
    return { kind: 'not-modern', error };
  }
}

/** The server speaks other revisions than the one it was asked with. */
async function another(
  supported: readonly unknown[],
  asked: Revision,
  options: Options,
  isRetry: boolean,
): Promise<Probe> {
  const shared = newestShared(supported, 'modern');
  // A server may refuse the very revision that it lists; asking once more is all that is worth it.
  if (shared !== undefined && !isRetry) return discover(shared, options, { isRetry: true });
  const legacy = newestShared(supported, 'legacy');
  const error = new SluiceError(
    'protocol-unsupported',
    `The server speaks ${supported.length === 0 ? 'no revision that it names' : supported.join(', ')}, and not ${asked.version}`,
    { phase: 'negotiation', delivery: 'answered', hint: 'Sluice speaks 2024-11-05 to 2026-07-28.' },
  );
  if (legacy === undefined) throw error;
  return { kind: 'not-modern', error, legacy };
}

function modern(
  way: Pick<Session, 'transport' | 'revision'>,
  result: Readonly<Record<string, unknown>>,
  reply: Reply,
): Probe {
  const meta = isObject(result['_meta']) ? result['_meta'] : {};
  const info = readServerInfo(way.revision, result, meta['io.modelcontextprotocol/serverInfo']);
  const roundTrip = roundTripOf(reply);
  return { kind: 'modern', session: { ...way, over: 'streamable-http', info, roundTrip, isSure: true } };
}

/**
 * `initialize` over Streamable HTTP, and where the server does not know that, over HTTP+SSE.
 * @throws SluiceError of the one that says more, where there is neither
 */
async function shakeHands(asked: Revision, options: Options): Promise<Session> {
  try {
    return await initialize(asked, options.streamableHttp, options);
  } catch (error) {
    if (!mayBeHttpSse(error)) throw error;
    const found = await overHttpSse(asked, options);
    if (found.kind === 'spoken') return found.session;
    throw noHttpSse(error, found.error, found.isStream);
  }
}

/** The session that the server has over HTTP+SSE, if it speaks that. */
async function overHttpSse(
  asked: Revision,
  options: Options,
  pinned?: 'pinned',
): Promise<
  { readonly kind: 'spoken'; readonly session: Session } | Extract<Opened, { readonly kind: 'absent' }>
> {
  const { openHttpSse, timeout, signal } = options;
  const opened = await openHttpSse({ timeout, signal });
  if (opened.kind === 'absent') return opened;
  const { endpoint } = opened;
  try {
    return { kind: 'spoken', session: await initialize(asked, endpoint, options, pinned) };
  } catch (error) {
    endpoint.close();
    throw error;
  }
}

function notDiscovered(problem: string): SluiceError {
  return new SluiceError('not-mcp', `The server is not a modern one: ${problem}`, {
    phase: 'negotiation',
    delivery: 'answered',
  });
}
