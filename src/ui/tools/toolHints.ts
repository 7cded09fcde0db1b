import type { Tool, ToolAnnotations } from '../../core/mcp/mcpTypes.ts';
import { joined, type Line, line } from '../surfaces/line.ts';

/** What a tool says of itself (2025-03-26, ToolAnnotations). It is the server's word, and no more than that. */
export interface ToolHint {
  readonly kind: 'destructive' | 'reads-only' | 'idempotent' | 'open-world';
  /** Of VS Code's icons, for example `warning`. */
  readonly icon: 'warning' | 'eye' | 'sync' | 'globe';
  readonly words: Line;
}

/**
 * The hints that a tool gives, the weightiest first. A hint that is absent is none: by the specification's defaults every tool
 * without hints would be destructive.
 */
export function hintsOf(tool: Pick<Tool, 'annotations'>): readonly ToolHint[] {
  const given = readAnnotations(tool);
  const hints: (ToolHint | false)[] = [
    isDestructive(tool) && { kind: 'destructive', icon: 'warning', words: line`may destroy data` },
    given.readOnlyHint === true && { kind: 'reads-only', icon: 'eye', words: line`only reads` },
    given.readOnlyHint !== true &&
      given.idempotentHint === true && {
        kind: 'idempotent',
        icon: 'sync',
        words: line`a second call changes nothing more`,
      },
    given.openWorldHint === true && {
      kind: 'open-world',
      icon: 'globe',
      words: line`reaches beyond its server`,
    },
  ];
  return hints.filter((hint) => hint !== false);
}

/** What stands in a tool's row: its hints, each behind its icon. Whether a second call changes more is told on its page alone. */
export function hintMarks(tool: Pick<Tool, 'annotations'>): Line {
  const shown = hintsOf(tool).filter(({ kind }) => kind !== 'idempotent');
  return joined(' · ', ...shown.map(({ icon, words }) => joined(' ', line`$(${icon})`, words)));
}

/** "This property is meaningful only when `readOnlyHint == false`": a tool that says both says that it reads. */
export function isDestructive(tool: Pick<Tool, 'annotations'>): boolean {
  const { destructiveHint, readOnlyHint } = readAnnotations(tool);
  return destructiveHint === true && readOnlyHint !== true;
}

export function readsOnly(tool: Pick<Tool, 'annotations'>): boolean {
  return readAnnotations(tool).readOnlyHint === true;
}

/** A server may send anything here. */
function readAnnotations({ annotations }: { readonly annotations?: unknown }): {
  readonly [hint in keyof ToolAnnotations]?: unknown;
} {
  return typeof annotations === 'object' && annotations !== null ? annotations : {};
}
