import { describe, expect, it } from 'vitest';
import { keepAliveHintOf } from '../../../src/core/http/keepAliveHint.ts';

describe('a Keep-Alive header', () => {
  it.each([
    ['timeout=5', { seconds: 5 }],
    ['timeout=5, max=100', { seconds: 5, requests: 100 }],
    ['max=5,timeout=5', { seconds: 5, requests: 5 }],
    ['timeout=15,max=100', { seconds: 15, requests: 100 }],
    ['Timeout = 5 ; MAX = "7"', { seconds: 5, requests: 7 }],
    ['max=0', { requests: 0 }],
    [['timeout=5', 'max=9'], { seconds: 5, requests: 9 }],
    ['timeout=-1, max=many', {}],
    ['xmax=3, mytimeout=2', {}],
    ['timeout=99999999999', {}],
    ['', {}],
    [undefined, {}],
  ])('%j says %j', (header, says) => {
    expect(keepAliveHintOf(header)).toEqual(says);
  });
});
