import { findSourceMap } from 'node:module';

/** What to show of a failure: its stack, with positions in the sources instead of the bundles. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return String(error);
  // VS Code prepares stacks in a way of its own, so that Node's own mapping never comes to pass.
  return error.stack.replace(
    /(\/[^\s():]+\.cjs):(\d+):(\d+)/g,
    (place, file: string, line: string, column: string) => {
      const origin = findSourceMap(file)?.findOrigin(Number(line), Number(column));
      return origin !== undefined && 'fileName' in origin
        ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`
        : place;
    },
  );
}
