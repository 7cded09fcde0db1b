import { describe, expect, test } from 'vitest';
import { checkWorkspaceServer } from '../../../src/core/config/checkWorkspaceServer.ts';
import { formatProblem } from '../../../src/core/config/configProblem.ts';
import { parseEntry } from './parse.ts';

function told(entry: object): string[] {
  const [server] = parseEntry(entry).servers;
  if (server === undefined) throw new Error(JSON.stringify(parseEntry(entry).problems));
  return checkWorkspaceServer(server).map((problem) =>
    formatProblem(problem).replace('sluice.servers.docs', ''),
  );
}

describe('a server of a workspace', () => {
  test.each([
    'https://h/mcp',
    'https://${env:HOST}/mcp',
    'https://${env:HOST}:8443/mcp',
    'https://h:${env:PORT}/${env:PATH}?k=${env:K}',
    '${env:BASE}/mcp',
  ])('may be at %s', (url) => {
    expect(told({ url })).toEqual([]);
  });

  test.each([
    'https://${env:S}.evil.example/mcp',
    'https://evil.${env:S}/mcp',
    'https://a${env:S}/mcp',
    'https://${env:A}${env:B}/mcp',
    'https://${env:A}.${env:B}/mcp',
    'https://${env:S}@evil.example/mcp',
    'https://${workspaceFolder}/mcp',
    'https://${workspaceFolder}.evil.example/mcp',
    '${env:S}.evil.example/mcp',
    '${env:S}://evil.example/mcp',
    '${env:S}@evil.example/mcp',
  ])('may not hand a variable to name servers: %s', (url) => {
    expect(told({ url })).toEqual([
      `.url: found "${url.replace(/^(https:\/\/)?\$\{env:S\}@/, '$1…@')}", where a variable is a part of the host name, which is sent to name servers; write the whole host, or "\${env:NAME}" for all of it; variables may stand in the path, the query and the headers`,
    ]);
  });

  test('has no more variables than a person reads', () => {
    const headers = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`X-${n}`, `\${env:V${n}}`]));
    expect(told({ url: 'https://h/mcp', headers: headers(16) })).toEqual([]);
    expect(told({ url: 'https://h/mcp', headers: headers(17) })[0]).toMatch(/^: found 17 variables/);
  });
});
