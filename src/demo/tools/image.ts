import { encodePng, type Rgb } from '../png.ts';
import { defineTool } from '../tool.ts';

const palettes = {
  water: { title: 'Water', dark: [8, 48, 107], light: [158, 202, 225] },
  sunset: { title: 'Sunset', dark: [84, 16, 64], light: [253, 174, 97] },
  forest: { title: 'Forest', dark: [0, 68, 27], light: [199, 233, 192] },
} as const satisfies Record<string, { title: string; dark: Rgb; light: Rgb }>;

const BANDS = 12;

type Palette = keyof typeof palettes;

export const image = defineTool<{ palette?: Palette; size?: number }>({
  name: 'image',
  title: 'Draw ripples',
  description: 'Draws ripples on water and answers with the picture, a PNG.',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      palette: {
        type: 'string',
        title: 'Palette',
        description: 'The colours of the picture',
        oneOf: Object.entries(palettes).map(([name, { title }]) => ({ const: name, title })),
        default: 'water',
      },
      size: {
        type: 'integer',
        title: 'Size',
        description: 'Width and height in pixels',
        minimum: 16,
        maximum: 512,
        default: 160,
      },
    },
    additionalProperties: false,
  },
  run: ({ palette = 'water', size = 160 }) => ({
    content: [
      { type: 'image', mimeType: 'image/png', data: drawRipples(palettes[palette], size).toString('base64') },
      { type: 'text', text: `Ripples, ${size} × ${size} pixels, palette ${palette}.` },
    ],
  }),
});

/** Two drops fell in: their rings, added up, shade from dark to light. In bands, so that it compresses well. */
function drawRipples({ dark, light }: { dark: Rgb; light: Rgb }, size: number): Buffer {
  const ring = (x: number, y: number) => Math.cos(Math.hypot(x, y) * 40);
  return encodePng(size, (column, row) => {
    const x = column / size;
    const y = row / size;
    const height = (ring(x - 0.3, y - 0.4) + ring(x - 0.75, y - 0.65) + 2) / 4;
    const shade = Math.round(height * BANDS) / BANDS;
    const mix = (from: number, to: number) => Math.round(from + (to - from) * shade);
    return [mix(dark[0], light[0]), mix(dark[1], light[1]), mix(dark[2], light[2])];
  });
}
