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

/** Values within the default bound, in a message with an envelope of its own. */
const WITHIN = 99_000;
const OVER = 250_000;

const list = (count: number, part: (n: number) => string) => () =>
  `[${Array.from({ length: count }, (_, n) => part(n)).join(',')}]`;
const object = (count: number, part: (n: number) => string) => () =>
  `{${Array.from({ length: count }, (_, n) => `"${part(n)}":1`).join(',')}}`;

const SMALL: readonly (readonly [string, number, (n: number) => string])[] = [
  // What it is, how many values it has, how it is written.
  ['{}', 1, () => '{}'],
  ['[]', 1, () => '[]'],
  ['1', 1, () => '1'],
  ['1.5e-7', 1, (n) => `${n}.5e-7`],
  ['""', 1, () => '""'],
  ['null', 1, () => 'null'],
  ['short texts', 1, (n) => `"s${n}"`],
  ['nested arrays', 3, () => '[[[]]]'],
  ['nested objects', 3, () => '{"a":{"b":{}}}'],
  ['objects of other names each', 2, (n) => `{"k${n}":1}`],
  ['__proto__', 3, () => '{"__proto__":{"a":1}}'],
];

export const WITHIN_BOUND: readonly MessageLoad[] = [
  ...SMALL.map(
    ([name, values, part]): MessageLoad => ({
      kind: 'message',
      name: `${name}, as many as may be`,
      value: list(Math.floor(WITHIN / values), part),
    }),
  ),
  { kind: 'message', name: 'many names', value: object(WITHIN, (n) => `k${n}`) },
  { kind: 'message', name: 'many numbers for names', value: object(WITHIN, (n) => `${n * 7}`) },
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
  { kind: 'message', name: '500 deep, 190 times', value: list(190, () => '['.repeat(500) + ']'.repeat(500)) },
];

export const OVER_BOUND: readonly MessageLoad[] = [
  ...SMALL.map(
    ([name, , part]): MessageLoad => ({
      kind: 'message',
      name: `${name}, far too many`,
      value: list(OVER, part),
    }),
  ),
  { kind: 'message', name: 'many names, far too many', value: object(OVER, (n) => `k${n}`) },
  { kind: 'message', name: '100,000 deep arrays', value: () => '['.repeat(100_000) + ']'.repeat(100_000) },
  {
    kind: 'message',
    name: '100,000 deep objects',
    value: () => '{"a":'.repeat(100_000) + 1 + '}'.repeat(100_000),
  },
  { kind: 'message', name: 'a batch', value: list(OVER, () => '1'), whole: true },
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
