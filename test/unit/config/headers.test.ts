import { describe, expect, test } from 'vitest';
import { parseEntry, told, URL } from './parse.ts';

const withHeaders = (headers: unknown) => told({ url: URL, headers });

describe('the headers of a server', () => {
  test('may be any that Sluice does not set itself', () => {
    const headers = {
      Authorization: 'Bearer a.b-c',
      'X-Api-Key': 'ä',
      'User-Agent': 'x',
      Cookie: 'a=b',
      Empty: '',
    };
    expect(parseEntry({ url: URL, headers })).toMatchObject({ servers: [{ headers }], problems: [] });
  });

  test.each([
    ['Host', 'Sluice sets it from the URL'],
    ['content-length', 'Sluice sets it from the message that it sends'],
    ['Content-Type', 'Sluice sets it from the message that it sends'],
    ['Accept', 'the MCP protocol gives it a meaning of its own, and Sluice sets it'],
    ['MCP-Session-Id', 'the MCP protocol gives it a meaning of its own, and Sluice sets it'],
    ['mcp-param-team', 'the MCP protocol gives it a meaning of its own, and Sluice sets it'],
    ['Last-Event-ID', 'the MCP protocol gives it a meaning of its own, and Sluice sets it'],
    ['Accept-Encoding', 'Sluice asks for the encodings that it can read'],
    ['Connection', 'it belongs to the HTTP connection, which Sluice manages'],
    ['Transfer-Encoding', 'it belongs to the HTTP connection, which Sluice manages'],
  ])('%s is refused, with the reason', (name, reason) => {
    expect(withHeaders({ [name]: 'x' })).toEqual([
      `E .headers.${name}: cannot be set here; remove it: ${reason}`,
    ]);
  });

  test.each(['X Team', 'X-Team:', '', 'Größe'])('"%s" is no legal name', (name) => {
    expect(withHeaders({ [name]: 'x' })).toEqual([
      `E .headers[${JSON.stringify(name)}]: is not a legal header name; use letters, digits and hyphens, without spaces or a colon, such as "X-Api-Key"`,
    ]);
  });

  test.each([
    [
      'hunter2\r\nX-Other: 1',
      'found a line break or another control character in the value; write the value on one line, without "\\n"',
    ],
    [
      'hunter2\0',
      'found a line break or another control character in the value; write the value on one line, without "\\n"',
    ],
    [
      '“hunter2”',
      'found the character "“" in the value, which a header cannot carry; write it in ASCII, percent-encoded or in Base64, as the server expects it',
    ],
    [' hunter2', 'found white space at the start or the end of the value; remove it'],
    [17, 'found a value of type number; write the value as a text in quotes'],
    [null, 'found null; write the value as a text in quotes'],
    [['hunter2'], 'found a list; write the value as a text in quotes'],
  ])('%j is no legal value, and is not shown', (value, message) => {
    expect(withHeaders({ 'X-Key': value })).toEqual([`E .headers.X-Key: ${message}`]);
    expect(message).not.toContain('hunter2');
  });

  test('may not name the same header twice', () => {
    expect(withHeaders({ 'x-team': 'a', 'X-Team': 'b' })).toEqual([
      'E .headers.X-Team: is the same header as "x-team"; remove one',
    ]);
  });

  test('are an object', () => {
    expect(withHeaders(['X-Team: docs'])).toEqual([
      'E .headers: found a list; write an object, such as { "X-Team": "docs" }',
    ]);
  });
});
