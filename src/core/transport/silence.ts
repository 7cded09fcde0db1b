import type { SluiceError } from '../errors.ts';

/** Milliseconds of silence, or of waiting, from which on somebody's time-out is a likely cause. */
const LONG = 1_000;

/** What those before a server wait for it by default, in seconds. */
const USUAL =
  'nginx waits 60 s (proxy_read_timeout), HAProxy 50 s at most (timeout server), Apache 60 s (ProxyTimeout), load balancers 60 s';

/** `60.0 s`: time-outs are known by it. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** Whether somebody may have lost patience by then. */
export function isLong(ms: number): boolean {
  return ms >= LONG;
}

/** What helps where a gateway gives up on a server that takes its time. */
export const RAISE = `Raise the time that the gateway waits (${USUAL}), or let the tool report progress while it works.`;

/** An error that ended an answer after nothing had come for so long: then a proxy's time-out is likelier than the server. */
export function afterSilence(error: SluiceError, ms: number): SluiceError {
  const ended = error.code === 'connection-lost' || error.code === 'stream-ended';
  if (!ended || !isLong(ms)) return error;
  return error.but({
    hint: `Nothing came for ${seconds(ms)} before that. If this happens each time, a proxy on the way cuts streams that are silent for so long. The server may have run the request. ${RAISE}`,
  });
}
