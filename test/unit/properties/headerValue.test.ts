import { validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeHeaderValue } from '../../../src/core/transport/requestHeaders.ts';

/** As a server reads it: a field value loses the white space at its ends, and then the encoding (2026-07-28, Value Encoding). */
function received(value: string): string {
  const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, '');
  const encoded = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/.exec(trimmed)?.[1];
  return encoded === undefined ? trimmed : Buffer.from(encoded, 'base64').toString();
}

/** Near what is awkward: white space at the ends, what looks encoded, controls, characters of any plane. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom('=?base64?', '?=', '=', ' ', '\t', '\r', '\n', '\0', '\x7f', 'a', 'é', '漢', '😀'),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('')),
);

it('any text is a legal header value once it is encoded, and is read back as it was', () => {
  fc.assert(
    fc.property(value, (text) => {
      const encoded = encodeHeaderValue(text);
      expect(encoded).toMatch(/^[\x20-\x7e\t]+$/);
      expect(() => validateHeaderValue('mcp-name', encoded)).not.toThrow();
      expect(received(encoded)).toBe(text);
    }),
    { numRuns: 10_000 },
  );
});
