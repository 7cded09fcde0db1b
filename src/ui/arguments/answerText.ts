import { MASK } from '../../core/errors.ts';
import { numberText } from '../../core/jsonrpc/exactJson.ts';
import type { Answer } from './answer.ts';
import type { ArgumentField } from './argumentField.ts';
import { isEmpty } from './fieldValue.ts';

/** What the server gets, as it is shown before it leaves; of a member that is left out, that is its default. */
export function answerText(field: ArgumentField, answer: Answer | undefined): string {
  const value = answer?.kind === 'value' ? answer.value : field.fallback;
  if (value === undefined) return 'left out';
  if (field.isSecret) return isEmpty(value) ? 'empty' : MASK;
  const texts = [value].flat().map((one) => {
    const choice = 'choices' in field ? field.choices.find((known) => known.value === one) : undefined;
    return choice?.label ?? numberText(one) ?? String(one);
  });
  return texts.join(', ') || 'empty';
}
