/** Characters that are read before others get their turn: a file of a hundred megabytes stops nobody. A multiple of four. */
const SLICE = 4_000_000;

/** The bytes of Base64, whatever else stands in it. */
export async function decodeBase64(data: string): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let rest = '';
  for (let from = 0; from < data.length; from += SLICE) {
    if (from > 0) await new Promise(setImmediate);
    // Line breaks within would put the groups of four out of step.
    const digits = rest + data.slice(from, from + SLICE).replace(/\s+/g, '');
    const whole = digits.length - (digits.length % 4);
    parts.push(Buffer.from(digits.slice(0, whole), 'base64'));
    rest = digits.slice(whole);
  }
  parts.push(Buffer.from(rest, 'base64'));
  return Buffer.concat(parts);
}

export async function encodeUtf8(text: string): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for (let from = 0; from < text.length; ) {
    if (from > 0) await new Promise(setImmediate);
    const isHalf = /[\ud800-\udbff]/.test(text[from + SLICE - 1] ?? '');
    const to = from + SLICE - (isHalf ? 1 : 0);
    parts.push(Buffer.from(text.slice(from, to)));
    from = to;
  }
  return Buffer.concat(parts);
}
