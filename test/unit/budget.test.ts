import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, exceeds, walk } from '../../src/core/budget.ts';

describe('work on what a server sent', () => {
  it.each([
    ['values', [1, 2, 3], { values: 4 }, { values: 3 }],
    ['depth', { a: { b: [] } }, { depth: 2 }, { depth: 1 }],
    ['characters', { name: 'four' }, { characters: 8 }, { characters: 7 }],
  ] as const)('ends where its %s do, and not before', (bound, value, fits, isTooMuch) => {
    expect(exceeds(value, fits)).toBeUndefined();
    expect(exceeds(value, isTooMuch)).toBe(bound);
  });

  it('ends when its time is up, though it may look at more values', () => {
    let now = 0;
    const budget = new Budget({ ms: 10 }, () => now++);
    expect(walk(Array(1_000_000).fill(0), budget)).toBe('ms');
    expect(budget.taken.values).toBeLessThan(10_000);
  });

  it('takes a value of any depth without a stack overflow', () => {
    let deep: unknown = 0;
    for (let n = 0; n < 1_000_000; n++) deep = n % 2 === 0 ? [deep] : { deep };
    expect(exceeds(deep, {})).toBeUndefined();
    expect(exceeds(deep, { depth: 512 })).toBe('depth');
  });

  it('looks at no more of a value than it may, however much there is', () => {
    const budget = new Budget({ values: 100 });
    expect(walk(Array(5_000_000).fill([]), budget)).toBe('values');
    expect(budget.taken.values).toBe(101);
  });

  it('gives nothing any more, once a bound was met', () => {
    const budget = new Budget({ characters: 3 });
    expect(budget.take(0, 2)).toBe(true);
    expect(budget.write(2)).toBe(false);
    expect(budget.take()).toBe(false);
    expect(budget.write(0)).toBe(false);
    expect(budget.exceeded).toBe('characters');
  });

  it('counts any value as its JSON text has it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const budget = new Budget({});
        walk(value, budget);
        let values = 0;
        let characters = 0;
        JSON.stringify(value, (name, part) => {
          values++;
          characters += (typeof part === 'string' ? part.length : 0) + name.length;
          return part;
        });
        expect(budget.taken.values).toBe(values);
        // `JSON.stringify` names the members of an array by their numbers.
        expect(budget.taken.characters).toBeLessThanOrEqual(characters);
      }),
    );
  });
});
