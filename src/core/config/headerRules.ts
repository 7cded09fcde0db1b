import type { Mistake } from './configProblem.ts';

const FRAMING = 'it belongs to the HTTP connection, which Sluice manages';
const BODY = 'Sluice sets it from the message that it sends';
const PROTOCOL = 'the MCP protocol gives it a meaning of its own, and Sluice sets it';

/** Headers that a setting may not set, each with the reason. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ['host', 'Sluice sets it from the URL'],
  ['connection', FRAMING],
  ['expect', FRAMING],
  ['keep-alive', FRAMING],
  ['proxy-connection', FRAMING],
  ['te', FRAMING],
  ['trailer', FRAMING],
  ['transfer-encoding', FRAMING],
  ['upgrade', FRAMING],
  ['content-encoding', BODY],
  ['content-length', BODY],
  ['content-type', BODY],
  ['accept', PROTOCOL],
  ['accept-encoding', 'Sluice asks for the encodings that it can read'],
  ['last-event-id', PROTOCOL],
]);

/** RFC 9110, section 5.6.2: `token`. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function checkHeaderName(name: string): Mistake | undefined {
  if (!TOKEN.test(name)) {
    return {
      found: 'is not a legal header name',
      hint: 'use letters, digits and hyphens, without spaces or a colon, such as "X-Api-Key"',
    };
  }
  const lower = name.toLowerCase();
  const reason = lower.startsWith('mcp-') ? PROTOCOL : RESERVED.get(lower);
  return reason === undefined ? undefined : { found: 'cannot be set here', hint: `remove it: ${reason}` };
}

/**
 * What is wrong with a header's value, if anything. The finding never shows the value: it may be a credential.
 * RFC 9110, section 5.5: visible characters, space and tab; and what fetch and Node can send, which is Latin-1.
 */
export function checkHeaderValue(value: string): Mistake | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) {
    return {
      found: 'found a line break or another control character in the value',
      hint: 'write the value on one line, without "\\n"',
    };
  }
  const foreign = /[^\0-\xff]/u.exec(value)?.[0];
  if (foreign !== undefined) {
    return {
      found: `found the character "${foreign}" in the value, which a header cannot carry`,
      hint: 'write it in ASCII, percent-encoded or in Base64, as the server expects it',
    };
  }
  if (value.trim() !== value) {
    return { found: 'found white space at the start or the end of the value', hint: 'remove it' };
  }
  return undefined;
}
