import { describe, expect, it } from 'vitest';
import type { Tool } from '../../../../src/core/mcp/mcpTypes.ts';
import { hintMarks, hintsOf, isDestructive, readsOnly } from '../../../../src/ui/tools/toolHints.ts';

const tool = (annotations: unknown) => ({ annotations }) as Pick<Tool, 'annotations'>;

describe('the hints of a tool', () => {
  it.each<[unknown, string[]]>([
    [{ destructiveHint: true }, ['destructive']],
    [{ destructiveHint: true, readOnlyHint: false, openWorldHint: true }, ['destructive', 'open-world']],
    [{ destructiveHint: true, readOnlyHint: true }, ['reads-only']],
    [{ readOnlyHint: true, idempotentHint: true }, ['reads-only']],
    [{ destructiveHint: false, idempotentHint: true }, ['idempotent']],
    [{ destructiveHint: 'true', readOnlyHint: 1 }, []],
    [{}, []],
    [undefined, []],
    [null, []],
    ['destructive', []],
    [[true], []],
  ])('%j', (annotations, kinds) => {
    expect(hintsOf(tool(annotations)).map(({ kind }) => kind)).toEqual(kinds);
    expect(isDestructive(tool(annotations))).toBe(kinds.includes('destructive'));
    expect(readsOnly(tool(annotations))).toBe(kinds.includes('reads-only'));
  });

  it('stand in its row, the weightiest first', () => {
    expect(hintMarks(tool({ destructiveHint: true, openWorldHint: true, idempotentHint: true }))).toBe(
      '$(warning) may destroy data · $(globe) reaches beyond its server',
    );
    expect(hintMarks(tool({ readOnlyHint: true }))).toBe('$(eye) only reads');
    expect(hintMarks(tool(undefined))).toBe('');
  });
});
