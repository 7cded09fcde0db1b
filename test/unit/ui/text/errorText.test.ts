import { describe, expect, it } from 'vitest';
import { SluiceError, type SluiceErrorCode } from '../../../../src/core/errors.ts';
import { describeError, sentences } from '../../../../src/ui/text/errorText.ts';

const told = (delivery: 'not-sent' | 'unknown' | 'answered', phase: 'connect' | 'settings' = 'connect') =>
  describeError(new SluiceError('connect-refused', 'Nothing listens', { delivery, phase })).delivery;

it('a failure names its server as it is shown, unless it does so itself', () => {
  const error = (message: string) =>
    describeError(new SluiceError('connect-refused', message, { server: 'docs', delivery: 'not-sent' }));
  expect(sentences(error('Nothing listens'), 'docs')).toBe('docs: Nothing listens.');
  expect(sentences(error('docs is gone'), 'docs')).toBe('docs is gone.');
  expect(sentences(error('docs is gone'), 'docs (workspace)')).toBe('docs (workspace): docs is gone.');
  expect(sentences(error('Nothing listens'))).toBe('Nothing listens.');
});

describe('a failure that speaks of a session', () => {
  const actions = (code: SluiceErrorCode, saysSessionIsLost: boolean) =>
    describeError(new SluiceError(code, 'x', { delivery: 'answered', saysSessionIsLost })).actions;

  it.each(['jsonrpc-error', 'unauthorized', 'forbidden', 'http-status', 'not-found'] as const)(
    'offers to reconnect (%s)',
    (code) => {
      expect(actions(code, true)).toContain('reconnect');
    },
  );

  it('and one that does not, of a tool or of credentials, does not', () => {
    expect(actions('jsonrpc-error', false)).not.toContain('reconnect');
    expect(actions('unauthorized', false)).not.toContain('reconnect');
  });
});

describe('what a failure says of its call', () => {
  it('is about the call, also where the last of its requests found no server', () => {
    expect(told('not-sent')).toBe('The server did not get the call.');
    expect(told('unknown')).toBe('The server may have run the call, or may still run it.');
    expect(told('answered')).toBe('The server got the call and answered.');
  });

  it('is nothing where the settings kept it from being made', () => {
    expect(told('not-sent', 'settings')).toBeUndefined();
  });
});
