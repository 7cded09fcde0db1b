/**
 * What servers say in words, where they do not use the code or the status that the protocol has for it. Words alone decide
 * nothing: they are a reason to look, or to say what may help.
 */

/** How much of a text is looked at: whoever refuses says why at the beginning. */
const LONGEST = 2_000;

/** Something that was there once, or should have been: `Session not found`, `no valid session ID`, `session has expired`. */
const GONE =
  '(?:not? (?:be )?found|no longer|not? exist|n.t exist|unknown|invalid|not valid|no valid|no active|inactive|no such|not find|unable to find|' +
  'expired|terminated|closed|ended|lost|gone|stale|missing|required|not recogni[sz]ed|unrecogni[sz]ed|timed out|not (?:yet )?initiali[sz]ed|no)';
const SESSION_LOST = new RegExp(
  `\\bsession[^.]{0,60}\\b${GONE}\\b|\\b${GONE}\\b[^.]{0,40}\\bsession|` +
    'not (?:yet |been )*initiali[sz]ed|before initiali[sz]ation|no transport|connection not established',
  'i',
);

/** `Session not found`, `Server not initialized`, `No transport found for sessionId`: it does not know the session that was named. */
export function saysSessionIsLost(text: string): boolean {
  return SESSION_LOST.test(text.slice(0, LONGEST));
}

const TOOL_UNKNOWN =
  /\b(?:unknown|no such|invalid|unrecogni[sz]ed|unregistered|undefined|missing) tool\b|\bno tool (?:named|called|with|found|by)|find (?:the |a )?tool\b|\btool\b[^.]{0,200}\b(?:not (?:be )?found|not exist|n.t exist|unknown|not available|unavailable|no longer|not registered|not recogni[sz]ed|not supported|disabled|removed)\b/i;

/** `Unknown tool: add`, `Tool add not found`: the server does not know the tool that it was to run. */
export function saysToolIsUnknown(text: string): boolean {
  return TOOL_UNKNOWN.test(text.slice(0, LONGEST));
}

const SERVES_ONE =
  /already (?:connected to a transport|initiali[sz]ed)|only one (?:client|session|connection)|(?:another|a) (?:client|session) is already (?:connected|active)|single (?:client|session) only/i;

/** `Already connected to a transport`, `Server already initialized`: another client has it, or another session of this one. */
export function saysItServesOne(text: string): boolean {
  return SERVES_ONE.test(text.slice(0, LONGEST));
}

export const SERVES_ONE_HINT =
  'The server serves one client at a time, or one for as long as it runs: disconnect the other one, or restart the server.';

const WANTS_TLS =
  /plain HTTP request was sent to HTTPS|speaking plain HTTP to an SSL|HTTP request to an HTTPS server|(?:TLS|SSL|HTTPS) (?:is )?required|requires (?:TLS|SSL|HTTPS)\b/i;

/** What web servers say where a port speaks TLS, and was asked without it. */
export function saysItWantsTls(text: string): boolean {
  return WANTS_TLS.test(text.slice(0, LONGEST));
}
