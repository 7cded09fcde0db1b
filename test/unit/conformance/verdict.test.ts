import { describe, expect, it } from 'vitest';
import { EXPECTED_FAILURES } from '../../conformance/expectedFailures.ts';
import { lastWords } from '../../conformance/lastWords.ts';
import { asListed, type Check, judge } from '../../conformance/verdict.ts';

const check = (status: Check['status'], id = 'a'): Check => ({ id, status, description: `it does ${id}` });
const judged = (checks: readonly Check[] | undefined, exitCode = 0, leftOut?: readonly string[]) =>
  judge({ exitCode, checks, output: 'last words' }, leftOut);

describe('a run of a scenario', () => {
  it('passes where something was looked at and all of it held', () => {
    expect(judged([check('SUCCESS'), check('INFO'), check('SKIPPED', 'b')])).toEqual({
      kind: 'passed',
      checks: 1,
    });
  });

  it.each(['FAILURE', 'WARNING'] as const)('fails with a %s, whatever the exit code', (status) => {
    expect(judged([check('SUCCESS'), check(status, 'b')])).toEqual({
      kind: 'failed',
      reasons: [`${status.toLowerCase()} b: it does b`],
    });
  });

  it.each([
    ['nothing was looked at', []],
    ['everything was skipped', [check('SKIPPED')]],
    ['only the form of the messages was looked at', [check('SUCCESS', 'wire-schema-valid')]],
  ])('fails where %s', (_, checks) => {
    expect(judged(checks)).toEqual({ kind: 'failed', reasons: ['not exercised'] });
  });

  it('fails with the exit code of a client that failed, though every check held', () => {
    expect(judged([check('SUCCESS')], 1)).toEqual({
      kind: 'failed',
      reasons: ['the suite ended with 1: last words'],
    });
  });

  it('that failed is told with what its client complained of', () => {
    const output = 'Client exited with code 1\n\nStderr:\nError: no way\n    at once\n\nResults saved to x\n';
    expect(judge({ exitCode: 1, checks: [check('FAILURE')], output })).toEqual({
      kind: 'failed',
      reasons: ['failure a: it does a', 'the client: Error: no way\n    at once'],
    });
  });

  it('fails where the suite left nothing behind: it skipped the scenario, or broke', () => {
    expect(judged(undefined)).toMatchObject({ kind: 'failed' });
  });

  it('passes without what is left out, as long as that fails', () => {
    const leftOut = ['b'];
    expect(judged([check('SUCCESS'), check('FAILURE', 'b')], 1, leftOut)).toEqual({
      kind: 'passed',
      checks: 1,
    });
    expect(judged([check('SUCCESS'), check('SUCCESS', 'b')], 0, leftOut).kind).toBe('failed');
    expect(judged([check('SUCCESS')], 0, leftOut).kind).toBe('failed');
  });
});

describe('a run of a scenario that is listed as failing', () => {
  const evidence = (output: string) => ({ exitCode: 1, checks: [check('FAILURE')], output });
  const verdictOn = (output: string) => asListed(judge(evidence(output)), evidence(output));

  it('is as expected where the client was not let in', () => {
    expect(verdictOn(`Stderr: ${lastWords('unauthorized')} Failed Checks`)).toEqual({ kind: 'expected' });
  });

  it.each([lastWords('connection-lost'), 'Cannot find module', ''])(
    'fails where it ends with "%s"',
    (output) => {
      expect(verdictOn(output)).toMatchObject({
        kind: 'failed',
        reasons: [expect.stringContaining('fails otherwise'), 'failure a: it does a'],
      });
    },
  );

  it('passes where it passes: whoever lists it is told of that', () => {
    const good = { exitCode: 0, checks: [check('SUCCESS')], output: '' };
    expect(asListed(judge(good), good)).toEqual({ kind: 'passed', checks: 1 });
  });
});

it('only authorization is expected to fail', () => {
  expect(EXPECTED_FAILURES.filter((name) => !name.startsWith('auth/'))).toEqual([]);
});
