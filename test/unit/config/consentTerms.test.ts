import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedTerms, consentTerms } from '../../../src/core/config/consentTerms.ts';
import type { ServerSettings } from '../../../src/core/config/serverConfig.ts';
import { parseEntry } from './parse.ts';

interface Entry {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly tls: Record<string, string | boolean>;
}

function settings(entry: object): ServerSettings {
  const { servers, problems } = parseEntry(entry);
  if (servers[0] === undefined) throw new Error(JSON.stringify(problems));
  return servers[0];
}

const changed = (before: object, after: object) =>
  changedTerms(consentTerms(settings(before)), consentTerms(settings(after)));

const text = fc.constantFrom(
  'a',
  'b',
  '${env:A}',
  '${env:B}',
  '${input:a}',
  'Bearer ${input:a}',
  '${workspaceFolder}',
);
const path = text.map((part) => `/x/${part}`);
const tls = fc.record(
  {
    ca: path,
    identity: path,
    passphrase: text,
    servername: text,
    rejectUnauthorized: fc.boolean(),
  },
  { requiredKeys: [] },
);
const entry: fc.Arbitrary<Entry> = fc
  .record({
    url: fc
      .tuple(fc.constantFrom('https://h', 'https://g', '${env:BASE}', 'https://h:1'), path)
      .map((parts) => parts.join('')),
    headers: fc.dictionary(fc.constantFrom('A', 'B', 'X-C'), text),
    tls,
  })
  .map(({ url, headers, tls: { identity, ...rest } }) => ({
    url,
    headers,
    tls: { ...rest, ...(identity === undefined ? {} : { cert: identity, key: identity }) },
  }));

/** What an entry says, with the value that holds where nothing is written. */
function meant({ url, headers, tls }: Entry): string {
  const { rejectUnauthorized = true, ...rest } = tls;
  const sorted = (object: object) => Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([url, sorted(headers), sorted({ ...rest, rejectUnauthorized })]);
}

describe('a consent to an entry of a workspace', () => {
  test('holds for the same entry only: any change of URL, header or tls asks anew', () => {
    fc.assert(
      fc.property(entry, entry, (one, other) => {
        expect(changed(one, other).length === 0).toBe(meant(one) === meant(other));
      }),
      { numRuns: 3_000 },
    );
  });

  test('does not depend on the order of keys, nor on what sends nothing elsewhere', () => {
    const limits = { requestTimeout: 5, pool: { maxConnections: 1 }, protocol: '2025-11-25', http2: 'never' };
    fc.assert(
      fc.property(entry, (one) => {
        const { url, headers, tls } = one;
        const turned = (object: object) => Object.fromEntries(Object.entries(object).reverse());
        expect(changed(one, { ...limits, tls: turned(tls), headers: turned(headers), url })).toEqual([]);
      }),
    );
  });

  test.each([
    ['the URL', { url: 'https://h/b' }, ['url']],
    ['a query', { url: 'https://h/a?x' }, ['url']],
    ['a header', { headers: { X: '2' } }, ['headers.X']],
    ['another header', { headers: { X: '1', Y: '1' } }, ['headers.Y']],
    ['a header that is gone', { headers: {} }, ['headers.X']],
    ['checking', { tls: { rejectUnauthorized: false } }, ['tls.rejectUnauthorized']],
    ['authorities', { tls: { ca: '/ca' } }, ['tls.ca']],
    ['a certificate', { tls: { cert: '/c', key: '/k' } }, ['tls.cert', 'tls.key']],
  ])('says what changed: %s', (_, change, members) => {
    expect(
      changed(
        { url: 'https://h/a', headers: { X: '1' } },
        { url: 'https://h/a', headers: { X: '1' }, ...change },
      ),
    ).toEqual(members);
  });

  test('keeps no value of a header', () => {
    const terms = consentTerms(settings({ url: 'https://h/a?k=s3cret', headers: { X: 's3cret' } }));
    expect(JSON.stringify(terms)).not.toContain('s3cret');
  });
});
