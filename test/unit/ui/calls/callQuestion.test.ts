import { describe, expect, it } from 'vitest';
import { type Delivery, type Phase, SluiceError, type SluiceErrorCode } from '../../../../src/core/errors.ts';
import type { Tool } from '../../../../src/core/mcp/mcpTypes.ts';
import { type CallOrigin, questionBefore } from '../../../../src/ui/calls/callQuestion.ts';
import { type ToolWord, toolWord } from '../../../../src/ui/tools/toolWord.ts';

const tool = (annotations?: unknown) => ({ name: 'wipe', inputSchema: {}, annotations }) as Tool;
const listing = (found: Tool | undefined) => ({ findTool: async () => found });
const failing = (error: unknown) => ({ findTool: () => Promise.reject(error) });
const failure = (code: SluiceErrorCode, delivery: Delivery, phase: Phase = 'response') =>
  new SluiceError(code, 'Cannot list?', { delivery, phase });

describe('what a tool does', () => {
  it.each<[string, unknown, ToolWord['kind']]>([
    ['nothing', undefined, 'silent'],
    ['null', null, 'silent'],
    ['a text', 'destructiveHint', 'silent'],
    ['hints that are no booleans', { destructiveHint: 'true', readOnlyHint: 1 }, 'silent'],
    ['that it does not destroy', { destructiveHint: false }, 'silent'],
    ['that it destroys', { destructiveHint: true }, 'destroys'],
    ['that it reads', { readOnlyHint: true }, 'reads'],
    ['both', { readOnlyHint: true, destructiveHint: true }, 'reads'],
  ])('is its own word, where it says %s', async (_, annotations, kind) => {
    expect(await toolWord(listing(tool(annotations)), 'wipe')).toMatchObject({ kind });
  });

  it('is not known where its server lists no such tool, or gives no list', async () => {
    expect(await toolWord(listing(undefined), 'wipe')).toEqual({ kind: 'unlisted' });
    for (const [code, delivery] of [
      ['jsonrpc-error', 'answered'],
      ['not-mcp', 'answered'],
      ['forbidden', 'answered'],
      ['rate-limited', 'answered'],
      ['http-status', 'unknown'],
      ['request-timeout', 'unknown'],
      ['stream-ended', 'unknown'],
      ['too-large', 'unknown'],
    ] as const)
      expect(await toolWord(failing(failure(code, delivery)), 'wipe')).toEqual({
        kind: 'no-list',
        why: 'Cannot list?',
      });
  });

  it('cannot be asked of a server that is not there, and then the call was not sent', async () => {
    for (const [code, delivery, phase] of [
      ['connect-refused', 'not-sent', 'connect'],
      ['connection-lost', 'unknown', 'sent'],
      ['cancelled', 'unknown', 'headers'],
      ['not-offered', 'not-sent', 'response'],
      ['unauthorized', 'answered', 'negotiation'],
      ['request-timeout', 'unknown', 'negotiation'],
    ] as const)
      await expect(toolWord(failing(failure(code, delivery, phase)), 'wipe')).rejects.toMatchObject({
        code,
        delivery: 'not-sent',
      });
    await expect(toolWord(failing(new TypeError('a defect')), 'wipe')).rejects.toThrow(TypeError);
  });
});

describe('before a call', () => {
  const words: ToolWord[] = [
    { kind: 'reads', tool: tool() },
    { kind: 'silent', tool: tool() },
    { kind: 'destroys', tool: tool() },
    { kind: 'unlisted' },
    { kind: 'no-list', why: 'Cannot list?' },
  ];
  /** What is asked: nothing, once for the tool, or each time. */
  const asked = (origin: CallOrigin, word: ToolWord) => {
    const question = questionBefore({ tool: 'wipe' }, 'docs (workspace)', origin, word);
    return question === undefined ? 'nothing' : question.isOnce ? 'once' : 'each time';
  };

  it.each<[CallOrigin, string[]]>([
    ['user', ['nothing', 'nothing', 'once', 'once', 'once']],
    ['command', ['nothing', 'each time', 'each time', 'each time', 'each time']],
    ['document', ['nothing', 'each time', 'each time', 'each time', 'each time']],
  ])('of the origin %s one question is asked at most, by what the tool does', (origin, expected) => {
    expect(words.map((word) => asked(origin, word))).toEqual(expected);
  });

  it('the question names tool, server and scope, and says what is true', () => {
    const told = (origin: CallOrigin, word: ToolWord) => {
      const { text = '', why = '' } =
        questionBefore({ tool: 'wipe' }, 'docs (workspace)', origin, word) ?? {};
      expect(text).toMatch(/wipe .*docs \(workspace\)/);
      return `${text} ${why}`;
    };
    for (const word of words.slice(1)) {
      expect(told('command', word)).toContain('A command asks for this call');
      expect(told('document', word)).toContain('was not written in its editor');
      for (const origin of ['user', 'command', 'document'] as const) {
        if (origin === 'user' && word.kind === 'silent') continue;
        const text = told(origin, word);
        expect(/may destroy/.test(text)).toBe(word.kind === 'destroys');
        expect(/lists no tool/.test(text)).toBe(word.kind === 'unlisted');
        expect(/does not give the list of its tools: Cannot list\?$/.test(text)).toBe(
          word.kind === 'no-list',
        );
        expect(/does not say that it only reads/.test(text)).toBe(word.kind === 'silent');
      }
    }
  });
});
