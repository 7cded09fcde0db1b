import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Delivery, SluiceError } from '../../../src/core/errors.ts';
import { CallLog } from '../../../src/core/transport/callLog.ts';

const failing = (delivery: Delivery) => new SluiceError('http-status', 'it failed', { delivery });
const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

const outcome = fc.constantFrom('reply', 'not-sent', 'unknown', 'answered', 'a defect');

describe('the word of a call', () => {
  it('is never not-sent once one of its requests was written, whatever else becomes of it', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(outcome),
        fc.constantFrom('not-sent', 'unknown', 'answered'),
        async (earlier, last) => {
          const call = new CallLog();
          let isSent = false;
          for (const one of earlier) {
            const attempt =
              one === 'reply'
                ? Promise.resolve()
                : Promise.reject(one === 'a defect' ? new TypeError('x') : failing(one as Delivery));
            const error = await reasonOf(call.attempt(attempt));
            if (isSent) expect(error).not.toMatchObject({ delivery: 'not-sent' });
            isSent ||= one !== 'not-sent';
          }
          // An error of no request of it, too: a renewed session, a question to the user.
          const told = await reasonOf(call.whole(Promise.reject(failing(last))));
          if (isSent) expect(told).not.toMatchObject({ delivery: 'not-sent' });
          else expect(told).toMatchObject({ delivery: last });
        },
      ),
    ));

  it('stays unknown where what was lost is refused when it is repeated, until something is answered', async () => {
    const call = new CallLog();
    await reasonOf(call.attempt(Promise.reject(failing('unknown'))));
    expect(await reasonOf(call.attempt(Promise.reject(failing('answered'))))).toMatchObject({
      delivery: 'unknown',
    });
    await call.attempt(Promise.resolve());
    expect(await reasonOf(call.attempt(Promise.reject(failing('answered'))))).toMatchObject({
      delivery: 'answered',
    });
  });

  it('leaves everything else of the error as it is', async () => {
    const call = new CallLog();
    await call.attempt(Promise.resolve());
    const cause = new Error('ECONNREFUSED');
    const details = {
      server: 's',
      phase: 'connect',
      hint: 'h',
      status: 502,
      retryAfterMs: 1,
      cause,
    } as const;
    const error = new SluiceError('connect-refused', 'm', { ...details, delivery: 'not-sent' });
    const told = await reasonOf(call.whole(Promise.reject(error)));
    expect(told).toMatchObject({ ...details, code: 'connect-refused', message: 'm', delivery: 'unknown' });
    const defect = new TypeError('x');
    expect(await reasonOf(call.whole(Promise.reject(defect)))).toBe(defect);
  });
});

describe('the requests of a call', () => {
  it('are known by their numbers, the first ten thousand of them', () => {
    const call = new CallLog(1);
    for (let n = 1; n <= 10_001; n++) call.began(n);
    expect(call.requests).toHaveLength(10_000);
    expect(call.requests.at(-1)).toBe(10_000);
  });

  it('are as they were when they were asked for', () => {
    const call = new CallLog(1);
    call.began(7);
    const { requests } = call;
    call.began(8);
    expect(requests).toEqual([7]);
  });
});
