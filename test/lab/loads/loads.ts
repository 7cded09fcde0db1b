import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import { JsonSize } from '../../../src/core/jsonrpc/jsonSize.ts';

/** What a server may send to cost its client time or memory: all harmless in itself, and only much. */

/** One message; `bytes` makes it around an id. */
export interface MessageLoad {
  readonly kind: 'message';
  readonly name: string;
  /** The text of `structuredContent`. */
  readonly value: () => string;
  /** Instead of the whole result. */
  readonly whole?: boolean;
}

/** Pieces of a stream, again and again. */
export interface FloodLoad {
  readonly kind: 'flood';
  readonly name: string;
  readonly piece: string;
}

/** Of the default bound: a message has an envelope too. */
const WITHIN = 0.98;
const OVER = 2.5;

const list = (count: number, part: (n: number) => string) => () =>
  `[${Array.from({ length: count }, (_, n) => part(n)).join(',')}]`;
const object = (count: number, part: (n: number) => string) => () =>
  `{${Array.from({ length: count }, (_, n) => `"${part(n)}":1`).join(',')}}`;
const row = (parts: readonly (string | number)[]) =>
  `{${parts.map((part, n) => `"column${n}":${part}`).join(',')}}`;
/** Another order of the same each. */
const shuffled = (parts: readonly string[], n: number) => {
  let seed = (Math.imul(n, 2_654_435_761) ^ 0x5bd1e995) >>> 0;
  return parts
    .map((part) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return [seed, part] as const;
    })
    .sort(([a], [b]) => a - b)
    .map(([, part]) => part);
};
const LETTERS = [...'abcdefgh'];
const MANY = Array.from({ length: 130 }, (_, n) => `"w${n}":1`).join(',');

/** So many that a text of them costs this share of what it may. */
function many(share: number, text: typeof list, part: (n: number) => string): () => string {
  const cost = (count: number) => {
    const size = new JsonSize();
    size.count(Buffer.from(text(count, part)()));
    return size.values;
  };
  return () => {
    const each = (cost(60_000) - cost(30_000)) / 30_000;
    // What is met for the first time costs more, and once.
    const once = cost(60_000) - 60_000 * each;
    return text(Math.floor((share * DEFAULT_MESSAGE.maxValues - once) / each), part)();
  };
}

const SMALL: readonly (readonly [string, (n: number) => string])[] = [
  // What it is, how it is written.
  ['{}', () => '{}'],
  ['[]', () => '[]'],
  ['1', () => '1'],
  ['1.5e-7', (n) => `${n}.5e-7`],
  ['""', () => '""'],
  ['null', () => 'null'],
  ['short texts', (n) => `"s${n}"`],
  ['short texts of which many are alike', (n) => `"s${n % 1_000}"`],
  ['short texts of escapes', (n) => `"\\u0073\\n${n}"`],
  ['texts', (n) => `"a text that is no name ${n}"`],
  ['nested arrays', () => '[[[]]]'],
  ['nested objects', () => '{"a":{"b":{}}}'],
  ['objects of other names each', (n) => `{"k${n}":1}`],
  ['objects of four other names each', (n) => `{"k${n}":1,"l${n}":1,"m${n}":1,"n${n}":1}`],
  ['objects of other names each, written in escapes', (n) => `{"\\u006b${n}":1}`],
  ['objects of other long names each', (n) => `{"${String(n).padStart(1_000, 'k')}":1}`],
  ['objects of a few thousand names', (n) => `{"k${n % 3_000}":1}`],
  [
    'objects of the same names in another order each',
    (n) =>
      `{${shuffled(LETTERS, n)
        .map((name) => `"${name}":1`)
        .join(',')}}`,
  ],
  ['objects of numbers for names', (n) => `{"${n % 500_000}":1}`],
  ['objects of 130 names', () => `{${MANY}}`],
  ['__proto__', () => '{"__proto__":{"a":1}}'],
];

/** So many values under ten names: honest, and no stop. */
const TABLES: readonly (readonly [string, (n: number) => readonly (string | number)[]])[] = [
  ['numbers', (n) => Array(10).fill(n)],
  ['numbers that are not whole', (n) => Array(10).fill(n + 0.25)],
  ['a few short texts', (n) => Array(10).fill(`"state ${n % 5}"`)],
  ['texts', (n) => Array(10).fill(`"some text ${1_000_000 + n}"`)],
  [
    'all kinds',
    (n) => [
      n,
      `"user ${1_000_000 + n}"`,
      'true',
      `"2026-01-${10 + (n % 19)}T10:00:00Z"`,
      n + 0.25,
      'null',
      '"active"',
      n % 7,
      `"https://example.com/${n}"`,
      0,
    ],
  ],
];

export const WITHIN_BOUND: readonly MessageLoad[] = [
  ...SMALL.map(
    ([name, part]): MessageLoad => ({
      kind: 'message',
      name: `${name}, as many as may be`,
      value: many(WITHIN, list, part),
    }),
  ),
  ...TABLES.map(
    ([name, cells]): MessageLoad => ({
      kind: 'message',
      name: `a table of 350,000 cells: ${name}`,
      value: list(35_000, (n) => row(cells(n))),
    }),
  ),
  { kind: 'message', name: 'many names', value: many(WITHIN, object, (n) => `k${n}`) },
  { kind: 'message', name: 'many numbers for names', value: many(WITHIN, object, (n) => `${n * 7}`) },
  { kind: 'message', name: 'one long name', value: () => `{"${'k'.repeat(8_000_000)}":1}` },
  { kind: 'message', name: 'a long text', value: () => `"${'x'.repeat(16_000_000)}"` },
  {
    kind: 'message',
    name: 'a long text with a character that is not Latin',
    value: () => `"漢${'x'.repeat(16_000_000)}"`,
  },
  { kind: 'message', name: 'a long text of escapes', value: () => `"${'\\"'.repeat(4_000_000)}"` },
  {
    kind: 'message',
    name: 'a long text of escaped characters',
    value: () => `"${'\\u00e9'.repeat(2_000_000)}"`,
  },
  { kind: 'message', name: 'a long number', value: () => `[${'1'.repeat(4_000_000)}]` },
  { kind: 'message', name: 'blanks', value: () => `[${' '.repeat(16_000_000)}]` },
  {
    kind: 'message',
    name: '500 deep, 500 times',
    value: list(500, () => '['.repeat(500) + ']'.repeat(500)),
  },
];

export const OVER_BOUND: readonly MessageLoad[] = [
  ...SMALL.map(
    ([name, part]): MessageLoad => ({
      kind: 'message',
      name: `${name}, far too many`,
      value: many(OVER, list, part),
    }),
  ),
  { kind: 'message', name: 'many names, far too many', value: many(OVER, object, (n) => `k${n}`) },
  { kind: 'message', name: '100,000 deep arrays', value: () => '['.repeat(100_000) + ']'.repeat(100_000) },
  {
    kind: 'message',
    name: '100,000 deep objects',
    value: () => '{"a":'.repeat(100_000) + 1 + '}'.repeat(100_000),
  },
  { kind: 'message', name: 'a batch', value: many(OVER, list, () => '1'), whole: true },
];

const message = (members: object) => `data: ${JSON.stringify({ jsonrpc: '2.0', ...members })}\n\n`;

export const FLOODS: readonly FloodLoad[] = [
  ['no messages', 'data: x\n\n'],
  ['comments', ':\n'],
  ['comments with a text', ': still there\n\n'],
  ['empty lines', '\n'],
  ['events of another name', 'event: other\ndata: x\n\n'],
  ['events without data', 'id: 1\n\n'],
  ['times to reconnect', 'retry: 60000\n\n'],
  ['unknown fields', 'x\n'],
  ['arrays', 'data: []\n\n'],
  ['objects that are no messages', 'data: {}\n\n'],
  ['answers that nobody asked for', message({ id: 'other', result: {} })],
  ['errors that nobody asked for', message({ id: 'other', error: { code: 1, message: 'no' } })],
  ['progress', message({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })],
  ['log messages', message({ method: 'notifications/message', params: { level: 'info', data: 'x' } })],
  ['changes of the list', message({ method: 'notifications/tools/list_changed' })],
  ['pings', message({ id: 'p', method: 'ping' })],
  ['requests for roots', message({ id: 'r', method: 'roots/list' })],
  ['requests that nobody knows', message({ id: 'u', method: 'no/such' })],
].map(([name = '', piece = '']) => ({ kind: 'flood', name, piece }));
