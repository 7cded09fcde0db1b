import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StallEvidence, type StallVerdict } from '../../../../src/core/http/learning/stallEvidence.ts';

/** A system that delays acknowledgements for `stall` ms on connections that rested less than `needs`. */
function system({ stall = 42, needs = 40, base = 0.4 } = {}) {
  return (rest: number) => (rest < needs ? stall : base);
}

/** Calls in sequence, as a pool makes them that follows the verdict: unrested until asked to rest, and in trials. */
function learn(late: (rest: number) => number, { calls = 20, gap = 1, likeness = 'tools/call a' } = {}) {
  const evidence = new StallEvidence();
  const verdicts: StallVerdict['kind'][] = [];
  for (let n = 0; n < calls; n++) {
    const { verdict, wantsTrial } = evidence;
    const rest = verdict.kind === 'quiet' || wantsTrial ? gap : verdict.stall.rest;
    if (wantsTrial) evidence.trying();
    evidence.observe({ rest, ms: late(rest), likeness });
    verdicts.push(evidence.verdict.kind);
  }
  return { evidence, verdicts };
}

describe('the evidence of a stall', () => {
  it('is complete within ten calls, and tells how late and how much rest', () => {
    const { evidence, verdicts } = learn(system(), { calls: 10 });
    expect(verdicts.slice(0, 2)).toEqual(['quiet', 'suspected']);
    expect(evidence.verdict).toMatchObject({
      kind: 'known',
      stall: { ms: 42, unrested: { late: 3, all: 3 } },
    });
    const { verdict } = evidence;
    if (verdict.kind === 'quiet') throw new Error('no verdict');
    expect(verdict.stall.rest).toBeGreaterThanOrEqual(40);
    expect(verdict.stall.rest).toBeLessThan(60);
  });

  it.each([
    { name: 'another system, which delays by 200 ms', stall: 200, needs: 200 },
    { name: 'a link of 50 ms, on which every piece takes that long anyway', stall: 92, needs: 40, base: 50 },
  ])('is found on $name', (it) => {
    expect(learn(system(it)).evidence.verdict.kind).toBe('known');
  });

  it('asks for more rest where the first guess was too little', () => {
    const { evidence } = learn(system({ needs: 70 }), { calls: 20 });
    const { verdict } = evidence;
    expect(verdict.kind).toBe('known');
    if (verdict.kind !== 'quiet') expect(verdict.stall.rest).toBeGreaterThanOrEqual(70);
  });

  it.each([
    ['two that a busy machine made later still', [75, 75]],
    ['one of them', [43, 110]],
    ['ever less late ones', [120, 90, 70, 55]],
    ['others, between which it answered at once', [43, 43, 1, 1, 1]],
    ['some of all kinds', [75, 62, 1, 1, 1, 90, 80]],
  ])('is complete within 24 calls where it begins with %s', (_, first) => {
    const beginning = [...first];
    const { evidence } = learn((rest) => beginning.shift() ?? system()(rest), { calls: 24 });
    const { verdict } = evidence;
    expect(verdict.kind).toBe('known');
    expect(verdict.kind === 'known' && verdict.stall.ms).toBeLessThan(63);
  });

  it('is found in 99 of 100 runs where a busy machine adds up to 80 ms to one call in four', () => {
    const noise = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(80)), {
      minLength: 60,
      maxLength: 60,
    });
    // The same runs each time: noise that comes with each rest, and never else, is no stall's to tell from.
    const runs = fc.sample(noise, { seed: 1, numRuns: 2_000 });
    const missed = runs.filter((added) => {
      const more = [...added];
      return !learn((rest) => system()(rest) + (more.shift() ?? 0), { calls: 60 }).verdicts.includes('known');
    });
    expect(missed.length).toBeLessThan(runs.length / 100);
  });

  it.each([
    ['the first', [31]],
    ['the second', [43, 33]],
    ['the third and the fifth', [43, 43, 31, 0.4, 33]],
  ])(
    'needs the rest that it needs, where a busy machine reads the piece before late in %s call',
    (_, first) => {
      const beginning = [...first];
      const { evidence } = learn((rest) => (rest < 40 && beginning.shift()) || system()(rest), { calls: 24 });
      const { verdict } = evidence;
      expect(verdict.kind).toBe('known');
      expect(verdict.kind === 'known' && verdict.stall.rest).toBeGreaterThanOrEqual(40);
      expect(verdict.kind === 'known' && verdict.stall.rest, 'and no more').toBeLessThan(60);
    },
  );

  it('is not seen in a tool that is slow however long the connection rested', () => {
    const { evidence, verdicts } = learn(() => 60, { calls: 10 });
    expect(evidence.verdict.kind).toBe('quiet');
    expect(verdicts).not.toContain('known');
  });

  it('is sought again ever more seldom for a slow tool', () => {
    const { verdicts } = learn(() => 60, { calls: 400 });
    expect(verdicts.filter((kind) => kind === 'suspected').length).toBeLessThan(50);
  });

  it('is not seen in one slow answer, nor in the first one of a connection', () => {
    const evidence = new StallEvidence();
    for (const ms of [1, 60, 1, 70, 1, 60]) evidence.observe({ rest: 1, ms, likeness: 'a' });
    for (let n = 0; n < 5; n++) evidence.observe({ rest: Number.POSITIVE_INFINITY, ms: 60, likeness: 'a' });
    expect(evidence.verdict.kind).toBe('quiet');
  });

  it('compares like with like: a quick tool says nothing for or against a slow one', () => {
    const evidence = new StallEvidence();
    for (let n = 0; n < 30; n++) {
      const { verdict } = evidence;
      const rest = verdict.kind === 'quiet' ? 1 : verdict.stall.rest;
      evidence.observe({ rest: 1, ms: 60, likeness: 'slow' });
      evidence.observe({ rest, ms: 0.5, likeness: 'quick' });
      evidence.observe({ rest, ms: 60, likeness: 'slow' });
    }
    expect(evidence.verdict.kind).not.toBe('known');
  });

  it('is not seen in a tool that was slow twice and answers from its cache from then on', () => {
    const times = [60, 60];
    const { evidence, verdicts } = learn(() => times.shift() ?? 0.5, { calls: 20 });
    expect(verdicts).not.toContain('known');
    expect(verdicts.indexOf('suspected')).toBe(1);
    expect(evidence.verdict.kind, 'three quick ones without rest').toBe('quiet');
  });

  it('is known when one without rest was late again after others were quick with it, and not before', () => {
    const evidence = new StallEvidence();
    const tell = (rest: number, ms: number) => evidence.observe({ rest, ms, likeness: 'a' });
    expect([tell(1, 42), tell(1, 42)], 'a suspicion is no finding').toEqual([false, false]);
    expect([tell(1, 42), tell(60, 0.4), tell(60, 0.4)]).toEqual([false, false, false]);
    expect(evidence.wantsTrial).toBe(false);
    expect(tell(60, 0.4)).toBe(false);
    expect(evidence.wantsTrial).toBe(true);
    evidence.trying();
    expect(evidence.wantsTrial, 'while one is under way').toBe(false);
    expect(tell(1, 42)).toBe(true);
    expect(evidence.verdict.kind).toBe('known');
  });

  it('takes more than one late trial where another one was quick', () => {
    const evidence = new StallEvidence();
    for (const [rest, ms] of [
      [1, 60],
      [1, 60],
      [70, 1],
      [70, 1],
      [70, 1],
      [1, 1],
      [1, 1],
      [1, 60],
    ] as const)
      evidence.observe({ rest, ms, likeness: 'a' });
    expect(evidence.verdict.kind).toBe('suspected');
  });

  it('is suspected of late ones between which others had rested: those could not be late', () => {
    const evidence = new StallEvidence();
    for (const [rest, ms] of [
      [21, 42],
      [63, 0.4],
      [21, 42],
    ] as const)
      evidence.observe({ rest, ms, likeness: 'a' });
    expect(evidence.suspects('a')).toBe(true);
  });

  it('is suspected of one likeness, and no more once sixteen others were quick', () => {
    const evidence = new StallEvidence();
    const tell = (likeness: string, ms: number) => evidence.observe({ rest: 1, ms, likeness });
    tell('slow', 60);
    tell('slow', 60);
    expect(evidence.suspects('slow')).toBe(true);
    expect(evidence.suspects('quick')).toBe(false);
    for (let n = 0; n < 15; n++) tell('quick', 0.5);
    for (let n = 0; n < 15; n++) tell('late too', 60);
    expect(evidence.verdict.kind, 'late ones say nothing against it').toBe('suspected');
    tell('quick', 0.5);
    expect(evidence.verdict.kind).toBe('quiet');
  });

  it('is suspected as long as the likeness comes now and then, however often others come between', () => {
    const evidence = new StallEvidence();
    for (let n = 0; n < 6; n++) {
      const { verdict, wantsTrial } = evidence;
      const rest = verdict.kind === 'quiet' || wantsTrial ? 1 : 60;
      evidence.observe({ rest, ms: rest < 40 ? 42 : 0.4, likeness: 'split' });
      for (let k = 0; k < 10 && n < 5; k++) evidence.observe({ rest: 1, ms: 0.4, likeness: 'whole' });
    }
    expect(evidence.verdict.kind).toBe('known');
  });

  it('wants one trial now and then, and is given up when the server was mended', () => {
    const { evidence } = learn(system());
    expect(evidence.wantsTrial).toBe(false);
    let calls = 0;
    let trials = 0;
    for (; evidence.verdict.kind === 'known' && calls < 2_000; calls++) {
      const trial = evidence.wantsTrial;
      if (trial) {
        trials++;
        evidence.trying();
      }
      evidence.observe({ rest: trial ? 1 : 60, ms: 0.4, likeness: 'tools/call a' });
    }
    expect(evidence.verdict.kind).toBe('quiet');
    expect(trials).toBeLessThan(6);
  });

  it('stays where the trial stalls, and costs one call in two hundred', () => {
    const { evidence } = learn(system());
    let trials = 0;
    for (let n = 0; n < 2_000; n++) {
      const trial = evidence.wantsTrial;
      if (trial) {
        trials++;
        evidence.trying();
      }
      evidence.observe({ rest: trial ? 1 : 60, ms: trial ? 42 : 0.4, likeness: 'tools/call a' });
    }
    expect(evidence.verdict.kind).toBe('known');
    expect(trials).toBeLessThanOrEqual(10);
  });

  it('never asks for more than half a second of rest, whatever it is told', () => {
    const observation = fc.record({
      rest: fc.oneof(fc.double({ min: 0, max: 1_000, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
      ms: fc.double({ min: 0, max: 100_000, noNaN: true }),
      likeness: fc.constantFrom('a', 'b', 'c'),
    });
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 200 }), (observations) => {
        const evidence = new StallEvidence();
        for (const one of observations) {
          evidence.observe(one);
          const { verdict } = evidence;
          if (verdict.kind !== 'quiet') expect(verdict.stall.rest).toBeLessThanOrEqual(500);
        }
      }),
    );
  });
});

it('what was late once is remembered of 64 likenesses, and no more', () => {
  const after = (likeness: string) => {
    const evidence = new StallEvidence();
    for (let n = 0; n < 65; n++) evidence.observe({ rest: 1, ms: 42, likeness: `tool ${n}` });
    evidence.observe({ rest: 1, ms: 42, likeness });
    return evidence.verdict.kind;
  };
  expect(after('tool 0')).toBe('quiet');
  expect(after('tool 1')).toBe('suspected');
});
