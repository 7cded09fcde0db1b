import { describe, expect, it } from 'vitest';
import { warningsAbout } from '../../../../src/ui/elicitation/suspiciousUrl.ts';

const about = (url: string) => warningsAbout(new URL(url));

describe('an address that a server sends the user to', () => {
  it('has nothing against it where it is what it looks like', () => {
    expect(about('https://example.com/login?next=https%3A%2F%2Fother.example')).toEqual([]);
    expect(about('http://127.0.0.1:3000/')).toEqual([]);
  });

  it.each(['https://xn--80ak6aa92e.com/', 'https://аррle.com/', 'https://login.bücher.example/'])(
    'is warned of where its host has letters of other alphabets: %s',
    (url) => {
      expect(about(url)).toEqual([expect.stringContaining('other alphabets')]);
    },
  );

  it('is warned of where another host stands before the @', () => {
    expect(about('https://example.com@evil.example/')).toEqual([expect.stringContaining('evil.example')]);
    expect(about('https://:example.com@evil.example/')).toHaveLength(1);
  });
});
