/** Large texts, each with its JSON as bytes: 50 MB are escaped and encoded once, and not for every answer. */
const prepared = new Map<string, Buffer>();

/** Stands in a message for a prepared text, where no text of a test stands. */
const HOLE = '\u0000prepared\u0000';

/** Keeps the JSON of `text` for the life of the process; `jsonBytes` then takes it from here. */
export function prepare(text: string): string {
  prepared.set(text, Buffer.from(JSON.stringify(text)));
  return text;
}

/** The message as JSON in UTF-8, in one piece, or around each of its prepared texts, which are not copied. */
export function jsonBytes(message: object): readonly Buffer[] {
  if (prepared.size === 0) return [Buffer.from(JSON.stringify(message))];
  const holes: Buffer[] = [];
  const json = JSON.stringify(message, (_name, value: unknown) => {
    const bytes = typeof value === 'string' ? prepared.get(value) : undefined;
    if (bytes === undefined) return value;
    holes.push(bytes);
    return HOLE;
  });
  const around = json.split(JSON.stringify(HOLE)).map((part) => Buffer.from(part));
  return around.flatMap((part, n) => [part, ...holes.slice(n, n + 1)]);
}
