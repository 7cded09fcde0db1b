const MAX_LENGTH = 200;

/** The beginning of a value that a server sent, as JSON, to be told in a sentence. It never throws. */
export function excerpt(value: unknown): string {
  try {
    // Only a text can be cut before it is written out.
    const cut = typeof value === 'string' ? value.slice(0, MAX_LENGTH) : value;
    const json = JSON.stringify(cut) ?? String(value);
    return json.length > MAX_LENGTH ? `${json.slice(0, MAX_LENGTH)}…` : json;
  } catch {
    // Parsing takes any depth, and writing does not.
    return 'something that is nested too deep';
  }
}
