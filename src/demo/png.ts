import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const TRUECOLOUR_8_BIT = [8, 2, 0, 0, 0];

export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * A square PNG of 8-bit RGB pixels.
 * @param size width and height in pixels
 * @param pixel the colour at x, y; each part 0 to 255
 */
export function encodePng(size: number, pixel: (x: number, y: number) => Rgb): Buffer {
  const stride = 1 + size * 3;
  const scanlines = Buffer.alloc(stride * size); // each begins with a zero: no filter
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) scanlines.set(pixel(x, y), y * stride + 1 + x * 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set(TRUECOLOUR_8_BIT, 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(scanlines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(typed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}
