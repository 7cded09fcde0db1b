import { describe, expect, test } from 'vitest';
import { told } from './parse.ts';

const EXAMPLE = '"http://localhost:3000/mcp"';
const ENDPOINT = "write the server's Streamable HTTP endpoint, such as";

describe('the URL of a server', () => {
  test.each(['http://localhost:3000/mcp', 'HTTPS://api.example.com', 'http://[::1]:80/', 'https://h/a?b=c'])(
    '%s is taken',
    (url) => {
      expect(told({ url })).toEqual([]);
    },
  );

  test.each(['${env:MCP_URL}', 'http://localhost:${env:PORT}/mcp', 'https://h/${input:tenant}/mcp'])(
    '%s is left until its variables are replaced',
    (url) => {
      expect(told({ url })).toEqual([]);
    },
  );

  test.each([
    ['localhost:3000', EXAMPLE],
    ['localhost:3000/mcp', EXAMPLE],
    ['3000', EXAMPLE],
    [':8080', '"http://localhost:8080/mcp"'],
    ['127.0.0.1:9/v1', '"http://127.0.0.1:9/v1"'],
    ['api.example.com', '"https://api.example.com/mcp"'],
    ['//api.example.com/v1/mcp', '"https://api.example.com/v1/mcp"'],
    ['http:/h:1/mcp', '"http://h:1/mcp"'],
    ['localhost:${env:PORT}/mcp', '"http://localhost:${env:PORT}/mcp"'],
    ['node server.js', EXAMPLE],
  ])('%s is told the scheme that is missing', (url, meant) => {
    expect(told({ url })).toEqual([`E .url: found "${url}", without http:// or https://; write ${meant}`]);
  });

  test.each([
    ['ws://h:1/x', `${ENDPOINT} "http://h:1/x"`],
    ['wss://h/x', `${ENDPOINT} "https://h/x"`],
    ['stdio://x', `${ENDPOINT} ${EXAMPLE}`],
  ])('%s is told that only http and https are spoken', (url, hint) => {
    expect(told({ url })).toEqual([`E .url: found "${url}", and Sluice speaks http and https only; ${hint}`]);
  });

  test.each([
    ['', `E .url: found ""; write the server's URL, such as ${EXAMPLE}`],
    [3000, `E .url: found 3000; write the server's URL, such as ${EXAMPLE}`],
    [undefined, `E .url: found nothing; write the server's URL, such as ${EXAMPLE}`],
    [' http://h/mcp', 'E .url: found " http://h/mcp", with white space around it; write "http://h/mcp"'],
    [
      'http://h/mcp#a',
      'E .url: found "http://h/mcp#a", with a fragment, which is never sent; write "http://h/mcp"',
    ],
    [
      'http://h:99999/mcp',
      `E .url: found "http://h:99999/mcp", which is not a valid URL; check host and port; a full one reads ${EXAMPLE}`,
    ],
  ])('%j is refused', (url, message) => {
    expect(told({ url })).toEqual([message]);
  });

  test.each([
    [
      'http://me:hunter2@h/mcp?key=hunter2',
      'E .url: found "http://…@h/mcp?…", with a user name or password in it; write "http://h/mcp?…" and put them into headers, as in "Authorization": "Basic ${input:credentials}"',
    ],
    ['me:hunter2@h/mcp', 'E .url: found "…@h/mcp", without http:// or https://; write "https://h/mcp"'],
    ['h/mcp?key=hunter2', 'E .url: found "h/mcp?…", without http:// or https://; write "https://h/mcp?…"'],
  ])('%s is refused without showing the secret in it', (url, message) => {
    expect(told({ url })).toEqual([message]);
    expect(message).not.toContain('hunter2');
  });

  test('is shown shortened where it is very long', () => {
    const [message] = told({ url: `ftp://${'x'.repeat(500)}` });
    expect(message).toContain(`found "ftp://${'x'.repeat(69)}…", and`);
  });
});
