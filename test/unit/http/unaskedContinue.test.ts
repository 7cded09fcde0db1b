import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnaskedContinue } from '../../../src/core/http/unaskedContinue.ts';
import { pieces } from '../sse/cutBytes.ts';

const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** What is left of bytes that come in pieces of a size. */
function left(text: string, size: number): string {
  const interim = new UnaskedContinue();
  interim.expect();
  return [...pieces(Buffer.from(text), size)].map((chunk) => interim.strip(chunk).toString()).join('');
}

describe('100 Continue before a response', () => {
  it.each([
    ['none', ''],
    ['one', CONTINUE],
    ['two', CONTINUE + CONTINUE],
    ['one without words', 'HTTP/1.1 100\r\n\r\n'],
    ['one with a header', 'HTTP/1.0 100 Go on\r\nDate: today\r\n\r\n'],
  ])('%s: nothing of it is left, wherever it is cut', (_, before) => {
    for (let size = 1; size <= before.length + 3; size++)
      expect(left(before + RESPONSE, size)).toBe(RESPONSE);
  });

  it.each([
    'HTTP/1.1 1000 x\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\n\r\n',
    'HTTP/2 100\r\n\r\n',
    'hello',
    '\u0015\u0003',
  ])('is not seen in %j', (text) => expect(left(text, 100)).toBe(text));

  it('is looked for before the response alone: what is in a body is the body’s', () => {
    const interim = new UnaskedContinue();
    expect(interim.strip(Buffer.from(CONTINUE)).toString()).toBe(CONTINUE);
    interim.expect();
    expect(interim.strip(Buffer.from(RESPONSE)).toString()).toBe(RESPONSE);
    expect(interim.strip(Buffer.from(CONTINUE)).toString()).toBe(CONTINUE);
    interim.expect();
    expect(interim.strip(Buffer.from(CONTINUE)).toString()).toBe('');
  });

  it('is passed over sixteen times, and in 16 KiB each: what is more is a fault of the server', () => {
    expect(left(CONTINUE.repeat(16) + RESPONSE, 50)).toBe(RESPONSE);
    expect(left(CONTINUE.repeat(17) + RESPONSE, 50)).toBe(CONTINUE + RESPONSE);
    const endless = `HTTP/1.1 100 Continue\r\nX: ${'x'.repeat(20_000)}`;
    expect(left(endless, 1_000).length).toBeGreaterThan(16_384);
  });

  it('takes nothing else away, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 9 }), (text, size) => {
        fc.pre(!text.startsWith('H'));
        expect(left(text, size)).toBe([...pieces(Buffer.from(text), size)].map(String).join(''));
      }),
    );
  });
});
