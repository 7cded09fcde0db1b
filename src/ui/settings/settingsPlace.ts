import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser/lib/esm/main.js';
import type { SettingsPath } from '../../core/config/configProblem.ts';

/** Half-open, in UTF-16 code units from the start of the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a settings file has the key that `path` leads to, or the nearest one above it that is there.
 *
 * @param root where settings begin in that file: `['settings']` in a `.code-workspace`
 * @returns undefined where the file does not have the setting at all
 */
export function placeOf(text: string, root: readonly string[], path: SettingsPath): Span | undefined {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const [setting = '', ...steps] = path;
  const words = setting.split('.');
  // VS Code reads `"sluice.pool.maxConnections"` and `"sluice.pool": { "maxConnections": … }` alike.
  const spellings = words.map((_, index) => {
    const split = words.length - index;
    return [words.slice(0, split).join('.'), ...words.slice(split)];
  });
  for (const spelling of spellings) {
    const fixed = root.length + spelling.length;
    const whole = [...root, ...spelling, ...steps];
    for (let length = whole.length; tree !== undefined && length >= fixed; length--) {
      const value = findNodeAtLocation(tree, whole.slice(0, length));
      if (value !== undefined) return spanOf(value.parent?.children?.[0] ?? value);
    }
  }
  return undefined;
}

function spanOf({ offset, length }: Node): Span {
  return { start: offset, end: offset + length };
}
