import { describe, expect, it } from 'vitest';
import type { ServerConfig } from '../../../src/core/config/serverConfig.ts';
import { secretsOf } from '../../../src/core/servers/secretsOf.ts';
import { createServerMask } from '../../../src/core/servers/serverMask.ts';

function config(members: Partial<ServerConfig>): ServerConfig {
  return { url: 'https://h/mcp', headers: {}, tls: {}, secrets: [], ...members } as ServerConfig;
}

const ofHeader = (name: string, value: string) => secretsOf(config({ headers: { [name]: value } }));

describe('what a server may repeat and no sink may show', () => {
  it('is what variables gave, and the passphrase of a key', () => {
    expect(secretsOf(config({ secrets: ['given'], tls: { passphrase: 'phrase' } }))).toEqual([
      'given',
      'phrase',
    ]);
  });

  it.each(
    (
      'X-Auth X-Auth-Key Ocp-Apim-Subscription-Key X-Functions-Key X-Access-Key X-Private-Key X-Passphrase X-Session ' +
      'X-Session-Id X-Jwt X-Goog-Iap-Jwt-Assertion DD-Application-Key X-Sentry-Auth X-Key X-Pass X-Pwd Authorization ' +
      'Cookie X-API-Key Api-Key X-Amz-Security-Token X-Hub-Signature PRIVATE-TOKEN'
    ).split(' '),
  )('is the value of %s, although it is short', (name) => {
    expect(ofHeader(name, 'v4lue')).toContain('v4lue');
  });

  it('is what is as long as a key under any name, and no word', () => {
    expect(ofHeader('X-Tenant', 'acme')).toEqual([]);
    expect(ofHeader('X-Region', 'eu-central-1')).toEqual([]);
    expect(ofHeader('X-Whatever', '9fZ8aB3dE5gH7jK1')).toEqual(['9fZ8aB3dE5gH7jK1']);
  });

  it('is no value of an open header, and none that would take words out of every text', () => {
    expect(ofHeader('X-Request-Id', '0f8fad5b-d9cb-469f-a165-70867728950e')).toEqual([]);
    expect(ofHeader('User-Agent', 'a-user-agent-of-some-length')).toEqual([]);
    expect(ofHeader('X-Api-Key', 'dev')).toEqual([]);
  });

  it('is what the scheme of a header holds, taken apart', () => {
    expect(ofHeader('Authorization', 'Bearer abc.def')).toEqual(['abc.def']);
    expect(ofHeader('Authorization', 'token ghp_1234')).toEqual(['ghp_1234']);
    const basic = Buffer.from('ada:p:w-rd').toString('base64');
    expect(ofHeader('Authorization', `Basic ${basic}`)).toEqual([basic, 'ada:p:w-rd', 'p:w-rd']);
    expect(ofHeader('Cookie', 'sid=s3ss; theme=dark')).toEqual(['sid=s3ss; theme=dark', 's3ss', 'dark']);
  });

  it('is a credential that the URL has written out', () => {
    expect(
      secretsOf(config({ url: 'https://h/mcp?api_key=a%2Fbcd&page=long-and-no-secret-at-all' })),
    ).toEqual(['a/bcd']);
  });
});

describe('the mask of a server', () => {
  it('shows its URL without what is hidden in it, whole or in part, wherever it is named', () => {
    const { url, mask } = createServerMask(
      config({
        url: 'https://h/mcp/ab/tools?k=x%20y&token=written',
        shownUrl: 'https://h/mcp/••••/tools?k=••••&token=written',
      }),
    );
    expect(url).toBe('https://h/mcp/••••/tools?k=••••&token=••••');
    expect(
      mask(
        'There is no MCP endpoint at /mcp/ab/tools (HTTP 404: no /mcp/ab/tools?k=x%20y&token=written here)',
      ),
    ).toBe(
      'There is no MCP endpoint at /mcp/••••/tools (HTTP 404: no /mcp/••••/tools?k=••••&token=•••• here)',
    );
  });

  it('leaves a URL as it is that has nothing to hide', () => {
    const { url, mask } = createServerMask(config({ url: 'http://localhost:3000/mcp?tenant=acme' }));
    expect(url).toBe('http://localhost:3000/mcp?tenant=acme');
    expect(mask('no /mcp here')).toBe('no /mcp here');
  });
});
