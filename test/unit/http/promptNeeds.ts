import type { OriginNeeds } from '../../../src/core/http/learning/originFacts.ts';

/** Of a prompt server on this machine, of which nothing was learnt. */
export const PROMPT: OriginNeeds = {
  suspected: false,
  rest: 0,
  stall: 0,
  heldUp: 0,
  saturated: false,
  trial: false,
  freshNeedsRest: false,
  handshake: 0.3,
  tail: 3,
  heldOpen: false,
  usableFor: Number.POSITIVE_INFINITY,
  costsConnections: false,
  freshFor: Number.POSITIVE_INFINITY,
  beside: 0,
  places: Number.POSITIVE_INFINITY,
};
