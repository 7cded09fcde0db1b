import type { Answer } from './answer.ts';
import * as broken from './modes/broken.ts';
import * as encodings from './modes/encodings.ts';
import * as held from './modes/held.ts';
import * as keepAlive from './modes/keepAlive.ts';
import * as multiplexed from './modes/multiplexed.ts';
import * as sessions from './modes/sessions.ts';
import * as stalls from './modes/stalls.ts';
import * as statuses from './modes/statuses.ts';
import { json, prompt } from './modes/whole.ts';
import type { HttpVersion } from './reply.ts';

/** Every mode by its name; those that take options have a default for each. */
const byName = {
  prompt: () => prompt,
  json: () => json,

  'tail-stall': () => stalls.tailStall,
  'split-stall': () => stalls.splitStall,
  'head-stall': () => stalls.headStall,

  'hold-open': () => held.holdOpen,
  trickle: held.trickle,
  'chatty-tail': held.chattyTail,
  'slow-headers': held.slowHeaders,
  silence: () => held.silence,

  'early-eof': () => broken.earlyEof,
  reset: () => broken.reset,
  'fin-after-request': () => broken.finAfterRequest,
  'reset-after-request': () => broken.resetAfterRequest,
  'json-cut': () => broken.jsonCut,
  'wrong-id': () => broken.wrongId,
  'duplicate-response': () => broken.duplicateResponse,
  'bad-json': () => broken.badJson,
  'wrong-content-type': () => broken.wrongContentType,
  'accepted-request': () => broken.acceptedRequest,
  'huge-event': broken.hugeEvent,
  'endless-line': broken.endlessLine,

  'byte-at-a-time': () => encodings.byteAtATime,
  'cut-multi-byte': () => encodings.cutMultiByte,
  'cr-only': () => encodings.crOnly,
  'cut-crlf': () => encodings.cutCrlf,
  bom: () => encodings.bom,
  'many-lines': () => encodings.manyLines,
  gzip: () => encodings.gzip,

  '401': () => statuses.unauthorized,
  '403': () => statuses.forbidden,
  '404': () => statuses.status(404),
  '405': () => statuses.status(405, { headers: { Allow: 'GET' } }),
  '429': statuses.rateLimited,
  '500': () => statuses.status(500),
  '503': () => statuses.status(503),
  'redirect-307': (options?: { to?: string }) => statuses.redirect(307, options),
  'redirect-308': (options?: { to?: string }) => statuses.redirect(308, options),
  'redirect-loop': () => statuses.redirect(307, { to: '/mcp' }),

  'no-keepalive': () => keepAlive.noKeepAlive,
  'close-idle': () => keepAlive.closeIdle,
  'idle-timeout': keepAlive.idleTimeout,
  'keep-alive-hint': () => keepAlive.idleTimeout({ ms: 5_000, hintSeconds: 5 }),
  'stale-fin': () => keepAlive.staleReuse({ by: 'fin' }),
  'stale-rst': () => keepAlive.staleReuse({ by: 'rst' }),

  'session-lost': sessions.sessionLost,
  'session-anew': () => sessions.sessionAnew,
  resumable: sessions.resumable,

  'goaway-idle': () => multiplexed.goawayIdle,
  'goaway-mid': () => multiplexed.goawayMid,
  'refused-stream': multiplexed.refusedStream,
  'goaway-after-request': () => multiplexed.goawayAfterRequest,
  'goaway-words': () => multiplexed.goawayWords,
} satisfies Record<string, (options?: never) => Answer>;

export type ModeName = keyof typeof byName;

type OptionsOf<Name extends ModeName> = Parameters<(typeof byName)[Name]>[0];

/** A mode with options of one's own, as data: `{ name: 'trickle', options: { everyMs: 20 } }`. */
export type NamedMode = {
  readonly [Name in ModeName]: { readonly name: Name; readonly options?: OptionsOf<Name> };
}[ModeName];

/** A mode as data, which may go to another process. */
export type DescribedMode = ModeName | NamedMode;

export type Mode = DescribedMode | Answer;

/** Every mode that has a meaning over HTTP/1.1. */
export const modeNames = namesOver('1.1');

/** Every mode that has a meaning over HTTP/2. */
export const http2ModeNames = namesOver('2');

/** A mode with a memory (`session-lost`) begins anew each time it is named. */
export function answerOf(mode: Mode): Answer {
  if (typeof mode === 'function') return mode;
  if (typeof mode === 'string') return byName[mode]();
  const make = byName[mode.name] as (options?: object) => Answer;
  return make(mode.options);
}

/** As `answerOf`. Throws where none of the `versions` that a lab offers can express the mode. */
export function answerOver(versions: readonly HttpVersion[], mode: Mode): Answer {
  const answer = answerOf(mode);
  if (answer.only === undefined || versions.includes(answer.only)) return answer;
  const name = typeof mode === 'string' ? mode : mode.name;
  throw new Error(
    `the mode ${name} has a meaning over HTTP/${answer.only} only, and the lab does not offer it`,
  );
}

/** The first request is answered by the first mode, the second by the second; the last one stays. */
export function sequence(first: Mode, ...rest: readonly Mode[]): Answer {
  const answers = [first, ...rest].map(answerOf);
  const only = answers.find((answer) => answer.only !== undefined)?.only;
  const next: Answer = (exchange) => {
    const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers;
    return (answer ?? prompt)(exchange);
  };
  return Object.assign(next, only !== undefined && { only });
}

function namesOver(version: HttpVersion): readonly ModeName[] {
  const names = Object.keys(byName) as readonly ModeName[];
  return names.filter((name) => (answerOf(name).only ?? version) === version);
}
