import { orSoon, settledWithin } from '../async/orSoon.ts';
import { SluiceError } from '../errors.ts';
import type { Lane } from '../http/connectionPool.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import type { Clock } from '../metrics/clock.ts';
import { CallLog } from '../transport/callLog.ts';
import type { Reply } from '../transport/reply.ts';
import type { Endpoint } from '../transport/transport.ts';
import { clientCapabilities } from './clientFeatures.ts';
import { spokenInstead } from './eraEvidence.ts';
import { type Revision, revisionOf } from './protocolVersion.ts';
import type { Rpc, RpcAnswer } from './rpc.ts';
import { readServerInfo } from './serverInfo.ts';
import { BEHIND, FAR, isFar, roundTripOf, type Session, type Way } from './session.ts';

export interface HandshakeOptions {
  readonly rpc: Rpc;
  /** Milliseconds for each request. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** A call waits for it: connections are opened for what follows, where the server is far. */
  readonly isForCall: boolean;
  /** Milliseconds of a round trip to the server, where something is known of it. */
  readonly roundTrip?: number | undefined;
  /** Of `initialize`; `call` where absent. */
  readonly lane?: Lane | undefined;
  /** `initialize` has its result: from now on there may be a session. */
  readonly onAnswered?: (() => void) | undefined;
}

/**
 * The handshake of the legacy era (2025-11-25, Lifecycle: Initialization).
 * @param pinned where no other revision is to be taken than the one that is asked for
 * @throws SluiceError
 */
export async function initialize(
  asked: Revision,
  endpoint: Endpoint,
  options: HandshakeOptions,
  pinned?: 'pinned',
): Promise<Session> {
  const { rpc, onAnswered } = options;
  const way = { transport: endpoint.transport(undefined), revision: undefined };
  // A server may ask already now, on a stream that is there already now.
  void rpc.listen(way);
  // The call, the list of its tools, and one more for the notification that goes before them.
  const following = { calls: 3, stream: true };
  const { roundTrip, isForCall } = options;
  if (isForCall && roundTrip !== undefined && isFar(roundTrip)) endpoint.expect(following, { roundTrip });
  const onSent = () => isForCall && endpoint.expect(following, { openedIn: FAR });
  const { result, reply } = await initialized(asked, way, { ...options, onSent }, pinned);
  onAnswered?.();
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
  const id = reply.headers['mcp-session-id'];
  // "The session ID MUST only contain visible ASCII characters"; another one could not be sent back.
  const sessionId = typeof id === 'string' && /^[\x21-\x7e]+$/.test(id) ? id : undefined;
  const session: Session = {
    transport: endpoint.transport(revision, sessionId),
    revision,
    over: endpoint.kind,
    info: readServerInfo(revision, result, result['serverInfo']),
    roundTrip: roundTripOf(reply),
    isSure: true,
  };
  await sayInitialized(session, reply, options);
  return session;
}

/** "the server MUST respond with another protocol version it supports"; some refuse, and name those: the newest of them is asked for. */
async function initialized(
  asked: Revision,
  way: Way,
  options: HandshakeOptions & { readonly onSent: () => unknown },
  pinned: 'pinned' | undefined,
): Promise<RpcAnswer> {
  const { rpc, timeout, signal, lane, onSent } = options;
  const { features, info: clientInfo } = rpc.identity;
  const ask = (revision: Revision) =>
    rpc.request(
      way,
      'initialize',
      { protocolVersion: revision.version, capabilities: clientCapabilities(features, revision), clientInfo },
      { call: new CallLog(), timeout, signal, lane, onSent, repeatable: true },
    );
  try {
    return await ask(asked);
  } catch (error) {
    const spoken = pinned === undefined ? spokenInstead(error, asked) : undefined;
    if (spoken === undefined) throw error;
    return ask(spoken);
  }
}

/**
 * Milliseconds, at most, in which the calls wait for the answer to `notifications/initialized`; and after which it is given
 * up where they have no other connection than the one that it holds.
 */
const MAX_WAIT = 2_000;
const GIVES_WAY = 1_000;

/**
 * The last message of the handshake, which is over for the client when that is sent: the answer is an empty 202. It is
 * waited for all the same, so that no request overtakes the message on another connection, but no longer than the server
 * took for `initialize`, twice: one that keeps the POST open would hold every call up. A server that is far is waited for just
 * so long that the message stays ahead. The POST itself goes on meanwhile: a proxy may take it back from the server where its
 * client leaves.
 * @throws SluiceError where it could not be sent
 */
async function sayInitialized(
  session: Session,
  { timing }: Reply,
  { rpc, clock, timeout }: HandshakeOptions,
): Promise<void> {
  const sent = Promise.withResolvers<void>();
  const took = timing.total - timing.queued - timing.connect;
  const isNear = !isFar(session.roundTrip);
  const wait = isNear ? Math.min(2 * took, timeout, MAX_WAIT) : 0;
  const post = {
    onSent: sent.resolve,
    answerTimeout: timeout,
    givesWayAfter: Math.max(Math.min(timeout, GIVES_WAY), wait),
  };
  const answered = rpc.notify(session, 'notifications/initialized', post).catch((error: SluiceError) => {
    // Once it was sent, whether the server takes the client for initialized shows at the first call.
    if (error.delivery === 'not-sent') throw error;
    if (error.code !== 'closed')
      rpc.warn(`the server did not accept notifications/initialized: ${error.message}`);
  });
  await Promise.race([answered, sent.promise]);
  if (isNear) await orSoon(answered, clock, wait);
  // What is sent next, on another connection, travels behind it.
  else await settledWithin(answered, clock, BEHIND);
}
