import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpenHeader, namesCredential } from '../../../src/core/trace/credentialNames.ts';
import { createMask } from '../../../src/core/trace/mask.ts';

const mask = createMask([]);
const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

/** Names that say "credential" in JSON, in a URL and in a header. */
const EVERYWHERE = [
  ...[
    'access_token',
    'accessToken',
    'access-token',
    'refresh_token',
    'id_token',
    'token',
    'auth_token',
    'mytoken',
  ],
  ...[
    'client_secret',
    'clientSecret',
    'secret',
    'client_assertion',
    'code_verifier',
    'authorization',
    'Authorization',
  ],
  ...['password', 'db.password', 'userPassword', 'passwd', 'pwd', 'pass', 'user_pass', 'passphrase'],
  ...[
    'api_key',
    'apiKey',
    'apikey',
    'api-key',
    'X-API-Key',
    'access_key',
    'accessKey',
    'AccessKey',
    'subscription-key',
  ],
  ...[
    'Ocp-Apim-Subscription-Key',
    'private_key',
    'secret_key',
    'signing_key',
    'account-key',
    'DD-Application-Key',
  ],
  ...[
    'auth',
    'basic_auth',
    'bearer',
    'jwt',
    'x-jwt',
    'sid',
    'session',
    'session_id',
    'sessionId',
    'JSESSIONID',
  ],
  ...['X-Goog-Iap-Jwt-Assertion', 'X-CSRF-Token', 'cookie', 'set-cookie', 'sig', 'X-Amz-Credential', 'otp'],
];
const NOWHERE = [
  ...[
    'author',
    'authors',
    'authority',
    'keyboard',
    'monkey',
    'turkey',
    'keys',
    'keyword',
    'compass',
    'bypass',
  ],
  ...['tokens', 'max_tokens', 'total_tokens', 'tokenizer', 'token_type', 'token_endpoint', 'password_policy'],
  ...[
    'progressToken',
    'nextPageToken',
    'page_token',
    'nextToken',
    'continuation_token',
    'primaryKey',
    'partition_key',
  ],
  ...[
    'access-control-allow-credentials',
    'withCredentials',
    'sec-token-binding',
    'secretary',
    'passenger',
    'passed',
  ],
  ...[
    'sessions',
    'sidebar',
    'signal',
    'design',
    'code_name',
    'status_code',
    'id',
    'name',
    'x',
    '',
    '-',
    'cookies_enabled',
  ],
  ...[
    'etag',
    'vary',
    'www-authenticate',
    'x-ratelimit-remaining-tokens',
    'surrogate-key',
    'cache-key',
    'host',
  ],
];

describe('a name that says "credential"', () => {
  it.each(EVERYWHERE)('does so in JSON, in a URL and as a header: %s', (name) => {
    expect(mask(`{"a":1,"${name}":"v4lue-of-it","z":"shown"}`)).toBe(`{"a":1,"${name}":"••••","z":"shown"}`);
    expect(mask(`https://h/p?a=1&${name}=v4lue-of-it&z=shown#f`)).toBe(
      `https://h/p?a=1&${name}=••••&z=shown#f`,
    );
    expect(namesCredential(name, 'header')).toBe(true);
  });

  it.each(NOWHERE)('is no part of another word: %s', (name) => {
    const json = `{"${name}":"v4lue-of-it"}`;
    expect(mask(json)).toBe(json);
    expect(mask(`https://h/p?${name}=v4lue-of-it`)).toBe(`https://h/p?${name}=v4lue-of-it`);
    expect(namesCredential(name, 'header')).toBe(false);
  });

  it('means something else in JSON where it is "key", "code" or "signature"', () => {
    const json = '{"key":"name","code":"ENOENT","signature":"f(x: number): void"}';
    expect(mask(json)).toBe(json);
    expect(mask('/cb?key=v&code=v4l&signature=v&X-Amz-Signature=v')).toBe(
      '/cb?key=••••&code=••••&signature=••••&X-Amz-Signature=••••',
    );
    expect(mask('failed with code=ENOENT at key=value')).toBe('failed with code=ENOENT at key=value');
  });

  it('hides no number, no switch, no variable of the settings and nothing', () => {
    for (const text of [
      'Set "passphrase": "${input:passphrase}" beside the key, and "Authorization": "Bearer ${env:TOKEN}"',
      '{"tokens":5,"token":5,"auth":true,"password":null,"session":"true","token":"","otp":"12"}',
      '?token=&auth=false&pass=1&password=null',
    ])
      expect(mask(text)).toBe(text);
  });
});

describe('a credential by its place', () => {
  it.each([
    ['JSON of several lines', '{\n  "token" : "v"\n}', '{\n  "token" : "••••"\n}'],
    ['with quotes in it', '{"password":"a\\"b\\\\","x":"y"}', '{"password":"••••","x":"y"}'],
    [
      'JSON in JSON',
      '{"text":"{\\"password\\":\\"a\\\\\\"b\\",\\"x\\":\\"y\\"}"}',
      '{"text":"{\\"password\\":\\"••••\\",\\"x\\":\\"y\\"}"}',
    ],
    [
      'JSON in JSON in JSON',
      JSON.stringify([JSON.stringify([JSON.stringify({ jwt: 'v"\\', x: 'y' })])]),
      JSON.stringify([JSON.stringify([JSON.stringify({ jwt: '••••', x: 'y' })])]),
    ],
    ['JSON that is cut', '{"password":"abc', '{"password":"••••'],
    [
      'JSON in JSON that is cut inside',
      '{"a":"{\\"password\\":\\"abc","b":"c"}',
      '{"a":"{\\"password\\":\\"••••","b":"c"}',
    ],
    ['form', 'client_secret=v&scope=a&refresh_token=w', 'client_secret=••••&scope=a&refresh_token=••••'],
    ['fragment', '/cb#access_token=v&state=s', '/cb#access_token=••••&state=s'],
    ['link in HTML', '<a href="/x?a=1&amp;token=v&amp;b=2">', '<a href="/x?a=1&amp;token=••••&amp;b=2">'],
    ['URL in JSON of Go', '"/x?a=1\\u0026token=v\\u0026b=2"', '"/x?a=1\\u0026token=••••\\u0026b=2"'],
    ['URL in JSON of PHP', '"https:\\/\\/me:pw@h\\/x?token=a\\/b"', '"https:\\/\\/••••@h\\/x?token=••••"'],
    [
      'URL in a URL',
      '/login?to=https%3A%2F%2Fh%2Fx%3Ftoken%3Dv%26a%3D1&b=2',
      '/login?to=https%3A%2F%2Fh%2Fx%3Ftoken%3D••••%26a%3D1&b=2',
    ],
    [
      'URL in a URL in a URL',
      '/l?to=%252Fx%253Ftoken%253Dv%2526a%253D1',
      '/l?to=%252Fx%253Ftoken%253D••••%2526a%253D1',
    ],
    ['sentence', 'refused (token=abcd) for user=ada', 'refused (token=•••• for user=ada'],
    ['user of a URL', 'https://me:pw@h/', 'https://••••@h/'],
    [
      'user of a database',
      'connect postgres://me:pw@db:5432/x failed',
      'connect postgres://••••@db:5432/x failed',
    ],
  ])('is masked: %s', (_, text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  it.each([
    'ada@example.com wrote',
    'a == b',
    'a: "b", c: "d"',
    'mailto:ada@example.com',
    '::1',
    '":"',
    '=',
    '"":""',
    '{"a":"b"} x=y',
  ])('is none in %s', (text) => {
    expect(mask(text)).toBe(text);
  });

  it('leaves JSON what it was but for the values, whatever is in it', () => {
    const leaf = fc.oneof(fc.string({ unit: codeUnit }), fc.integer(), fc.boolean(), fc.constant(null));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.oneof(fc.constantFrom('token', 'a', 'password'), fc.string()), tie('tree'), {
          maxKeys: 4,
        }),
        tie('tree').map((value) => JSON.stringify(value)),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        // Parameters end where a quote does, so that JSON stays whole, whatever is masked in it.
        expect(() => JSON.parse(mask(JSON.stringify(value)))).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});

describe('headers that are shown although the settings set them', () => {
  it.each(['Accept', 'Content-Type', 'User-Agent', 'traceparent', 'X-Request-Id', 'Idempotency-Key'])(
    '%s',
    (name) => {
      expect(isOpenHeader(name)).toBe(true);
    },
  );

  it('carry no credential by their name', () => {
    for (const name of ['x-mcp-toolsets', 'accept', 'idempotency-key', 'x-b3-traceid', 'origin'])
      expect([name, namesCredential(name, 'header')]).toEqual([name, false]);
  });
});
