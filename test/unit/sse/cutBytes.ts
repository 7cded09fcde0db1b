import fc from 'fast-check';

/** The bytes in chunks of one size. */
export function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A way to cut bytes: at any places, as often as not next to each other, and in no place. */
export const cutAnywhere = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3)), { maxLength: 12 })
  .map((places) => (bytes: Buffer): Buffer[] => {
    const at = places.flatMap(([share, more]) => {
      const place = Math.floor(share * bytes.length);
      return Array.from({ length: more + 1 }, (_, index) => Math.min(place + index, bytes.length));
    });
    const cuts = [...new Set(at)].sort((a, b) => a - b);
    return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
  });
