import { expect, it } from 'vitest';
import type { SluiceError } from '../../../src/core/errors.ts';
import { verify } from '../../../src/core/mcp/skillVerification.ts';

it('what differs in the front matter of a skill is told of three fields, in 120 characters each', () => {
  const fields = Array.from({ length: 5 }, (_, n) => `field${n}: ${'x'.repeat(1_000)}`);
  const text = `---\n${fields.join('\n')}\n---\n`;
  const skill = { uri: 'skill://a/SKILL.md', frontmatter: {}, resources: 'dynamic' } as never;
  const check = () => verify(skill, undefined, { uri: 'skill://a/SKILL.md', text } as never);
  let message = '';
  try {
    check();
  } catch (error) {
    ({ message } = error as SluiceError);
  }
  expect(message.match(/"field\d"/g)).toHaveLength(3);
  expect(message).toContain('and 2 more');
  expect(message.length).toBeLessThan(700);
});
