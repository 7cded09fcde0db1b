import type { Answer } from './answer.ts';
import * as broken from './modes/broken.ts';
import * as encodings from './modes/encodings.ts';
import * as held from './modes/held.ts';
import * as keepAlive from './modes/keepAlive.ts';
import * as sessions from './modes/sessions.ts';
import * as stalls from './modes/stalls.ts';
import * as statuses from './modes/statuses.ts';
import { json, prompt } from './modes/whole.ts';

/** Every mode by its name, with its defaults; where they do not fit, pass the function itself with your own. */
const byName = {
  prompt: () => prompt,
  json: () => json,

  'tail-stall': () => stalls.tailStall,
  'split-stall': () => stalls.splitStall,

  'hold-open': () => held.holdOpen,
  trickle: () => held.trickle(),
  'chatty-tail': () => held.chattyTail(),
  'slow-headers': () => held.slowHeaders(),
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
  'huge-event': () => broken.hugeEvent(),
  'endless-line': () => broken.endlessLine(),

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
  '429': () => statuses.rateLimited(),
  '500': () => statuses.status(500),
  '503': () => statuses.status(503),
  'redirect-307': () => statuses.redirect(307),
  'redirect-308': () => statuses.redirect(308),
  'redirect-loop': () => statuses.redirect(307, { to: '/mcp' }),

  'no-keepalive': () => keepAlive.noKeepAlive,
  'close-idle': () => keepAlive.closeIdle,
  'idle-timeout': () => keepAlive.idleTimeout(),
  'keep-alive-hint': () => keepAlive.idleTimeout({ ms: 5_000, hintSeconds: 5 }),
  'stale-fin': () => keepAlive.staleReuse({ by: 'fin' }),
  'stale-rst': () => keepAlive.staleReuse({ by: 'rst' }),

  'session-lost': () => sessions.sessionLost(),
  'session-anew': () => sessions.sessionAnew,
  resumable: () => sessions.resumable(),
} satisfies Record<string, () => Answer>;

export type ModeName = keyof typeof byName;
export type Mode = ModeName | Answer;

export const modeNames = Object.keys(byName) as readonly ModeName[];

/** A mode with a memory (`session-lost`) begins anew each time it is named. */
export function answerOf(mode: Mode): Answer {
  return typeof mode === 'string' ? byName[mode]() : mode;
}

/** The first request is answered by the first mode, the second by the second; the last one stays. */
export function sequence(first: Mode, ...rest: readonly Mode[]): Answer {
  const answers = [first, ...rest].map(answerOf);
  return (exchange) => {
    const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers;
    return (answer ?? prompt)(exchange);
  };
}
