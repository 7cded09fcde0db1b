import { describe, expect, it } from 'vitest';
import { type Check, type Figure, figuresOf, verdictOf, worstOf } from '../../bench/figures.ts';

function figure(...checks: readonly Partial<Check>[]): Figure {
  const check: Check = { where: '', value: 1, limit: 3, unit: 'x', side: 'under' };
  return { what: '', target: '', checks: checks.map((one) => ({ ...check, ...one })) };
}

describe('a figure of the bench', () => {
  it('is met where every measurement keeps its limit', () => {
    expect(verdictOf(figure({ value: 3 }, { value: 4, side: 'over' }))).toBe('met');
  });

  it('is missed where one does not', () => {
    expect(verdictOf(figure({}, { value: 3.1 }))).toBe('missed');
    expect(verdictOf(figure({}, { value: 2.9, side: 'over' }))).toBe('missed');
  });

  it('is neither where nothing was measured', () => {
    expect(verdictOf(figure())).toBe('not measured');
    const machine = { node: '', system: '', cpu: '', cores: 2, packages: {} };
    const nothing = {
      machine,
      startedAt: '',
      seconds: 0,
      cells: [],
      firstCalls: [],
      loads: [],
      colds: [],
      failures: [],
    };
    expect(new Set(figuresOf(nothing).map(verdictOf))).toEqual(new Set(['not measured']));
  });

  it('shows the worst of each kind', () => {
    const worst = worstOf(
      figure({ where: 'a', value: 2 }, { where: 'b', value: 2.5 }, { where: 'c', unit: 'ms', limit: 20 }),
    );
    expect(worst.map(({ where }) => where)).toEqual(['b', 'c']);
  });
});
