const key = 'notes';

/** Shows a line, a measured figure say, under the running test's result. */
export function note(context: Mocha.Context, line: string): void {
  const test = context.runnable() as Mocha.Runnable & { [key]?: string[] };
  test[key] = [...(test[key] ?? []), line];
}

export function notesOf(test: Mocha.Runnable & { [key]?: readonly string[] }): readonly string[] {
  return test[key] ?? [];
}
