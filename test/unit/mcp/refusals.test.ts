import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../src/core/errors.ts';
import { LATEST_LEGACY, LATEST_MODERN } from '../../../src/core/mcp/protocolVersion.ts';
import { mayBeOfAnother } from '../../../src/core/mcp/refusals.ts';

const rpc = { code: -32000, message: 'no' };

describe('a refusal that another server may have given', () => {
  it.each([408, 502, 503, 504, 520, 530, 599])(
    'is none of a gateway (%i): the tool may have run',
    (status) => {
      for (const revision of [LATEST_LEGACY, LATEST_MODERN]) {
        const bare = new SluiceError('http-status', 'no', { delivery: 'unknown', status });
        expect(mayBeOfAnother(bare, revision)).toBe(false);
        const told = new SluiceError('jsonrpc-error', 'no', { delivery: 'unknown', status, rpc });
        expect(mayBeOfAnother(told, revision)).toBe(false);
        const unknown = new SluiceError('jsonrpc-error', 'no', {
          delivery: 'unknown',
          status,
          rpc: { ...rpc, code: -32601 },
        });
        expect(mayBeOfAnother(unknown, revision)).toBe(false);
      }
    },
  );

  it.each([400, 404, 405, 422])('is one that finds fault with the request (%i)', (status) => {
    for (const revision of [LATEST_LEGACY, LATEST_MODERN])
      expect(
        mayBeOfAnother(new SluiceError('http-status', 'no', { delivery: 'answered', status }), revision),
      ).toBe(true);
  });
});
