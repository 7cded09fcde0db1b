import { describe, expect, it } from 'vitest';
import { encodeHeaderValue, postHeaders } from '../../../src/core/transport/requestHeaders.ts';
import type { WireRules } from '../../../src/core/transport/wireRules.ts';

const modern: WireRules = {
  version: '2026-07-28',
  versionHeader: true,
  mirrorsBody: true,
  streamsByGet: false,
  cancellation: 'close-stream',
};
const legacy: WireRules = {
  version: '2025-11-25',
  versionHeader: true,
  mirrorsBody: false,
  streamsByGet: true,
  cancellation: 'notification',
};

const call = {
  jsonrpc: '2.0' as const,
  id: 1,
  method: 'tools/call',
  params: { name: 'say hello', arguments: {} },
};
const none = { configured: {}, rules: undefined, sessionId: undefined };

describe('headers of a POST', () => {
  it('repeat method and name in the modern era', () => {
    expect(postHeaders(call, { ...none, rules: modern })).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'say hello',
    });
  });

  it('name the uri of a resource', () => {
    const read = { ...call, method: 'resources/read', params: { uri: 'file:///ä' } };
    expect(postHeaders(read, { ...none, rules: modern })['mcp-name']).toBe('=?base64?ZmlsZTovLy/DpA==?=');
  });

  it('carry session and version in the legacy era, and repeat nothing', () => {
    const headers = postHeaders(call, { ...none, rules: legacy, sessionId: 'abc' });
    expect(headers).toMatchObject({ 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': 'abc' });
    expect(Object.keys(headers).filter((name) => /^mcp-(method|name)$/.test(name))).toEqual([]);
  });

  it('accept both kinds of answers, whatever the settings say', () => {
    const configured = { Accept: 'text/plain', 'X-Mine': 'yes' };
    expect(postHeaders(call, { ...none, configured })).toMatchObject({
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'x-mine': 'yes',
    });
  });
});

describe('a header value', () => {
  it.each([
    ['us-west1', 'us-west1'],
    ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
    [' padded ', '=?base64?IHBhZGRlZCA=?='],
    ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
    ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
  ])('%j is sent as the specification’s table has it', (value, encoded) => {
    expect(encodeHeaderValue(value)).toBe(encoded);
  });
});
