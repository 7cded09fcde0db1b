import type { DetailedPeerCertificate } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { certificateFailure } from '../../../src/core/http/certificateFailure.ts';
import { clientCertificateFailure } from '../../../src/core/http/clientCertificateFailure.ts';
import { requestFailure } from '../../../src/core/http/requestFailure.ts';

const HOLDER = { called: 'https://mcp.test', name: 'mcp.test' };

function certificate(
  members: Partial<Record<keyof DetailedPeerCertificate, unknown>>,
): DetailedPeerCertificate {
  return {
    subject: { CN: 'mcp.test' },
    issuer: { CN: 'Example CA' },
    valid_from: 'Jan 31 12:00:00 2026 GMT',
    valid_to: 'Jan 31 12:00:00 2027 GMT',
    ...members,
  } as unknown as DetailedPeerCertificate;
}

const told = (verdict: string, one: DetailedPeerCertificate) =>
  certificateFailure(verdict, one, HOLDER).message;

describe('a certificate that is refused', () => {
  test('before its time names the day it begins, and the clock', () => {
    const error = certificateFailure('CERT_NOT_YET_VALID', certificate({}), HOLDER);
    expect(error.message).toBe(
      'The certificate of https://mcp.test is not valid yet: "mcp.test" is valid from 2026-01-31 (CERT_NOT_YET_VALID)',
    );
    expect(error.hint).toContain('clock of this machine');
  });

  test('for its issuer’s sake names the issuer', () => {
    const root = certificate({ subject: { CN: 'Root' }, valid_to: 'Jan 31 12:00:00 2040 GMT' });
    root.issuerCertificate = root;
    const issuer = certificate({
      subject: { O: 'Example CA' },
      valid_to: 'Mar  1 00:00:00 2020 GMT',
      issuerCertificate: root,
    });
    expect(told('CERT_HAS_EXPIRED', certificate({ issuerCertificate: issuer }))).toContain(
      'has expired: its issuer "Example CA" was valid until 2020-03-01',
    );
  });

  test('for its names lists the first five', () => {
    const subjectaltname = ['a', 'b', '*.c', 'd', 'e', 'f'].map((name) => `DNS:${name}.test`).join(', ');
    expect(told('ERR_TLS_CERT_ALTNAME_INVALID', certificate({ subjectaltname }))).toContain(
      'is for another host: a.test, b.test, *.c.test, d.test, e.test, and not for mcp.test',
    );
  });

  test('without names or dates is described by what there is', () => {
    const bare = certificate({ subject: {}, issuer: undefined, valid_from: '?', valid_to: '?' });
    expect(told('CERT_SIGNATURE_FAILURE', bare)).toBe(
      'The certificate of https://mcp.test is not accepted: "without a name", valid ? to ?, issued by "an unnamed authority" (CERT_SIGNATURE_FAILURE)',
    );
  });

  test('cannot write a page into the message', () => {
    const CN = `evil\n\u001b[31m${'x'.repeat(500)}`;
    const message = told('DEPTH_ZERO_SELF_SIGNED_CERT', certificate({ subject: { CN } }));
    expect([...message].filter((character) => character < ' ')).toEqual([]);
    expect(message.length).toBeLessThan(250);
  });
});

describe('a client certificate that the server refuses', () => {
  const alert = (code: string) => Object.assign(new Error('alert'), { code });

  test.each([
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'wants a client certificate, and none was sent'],
    ['ERR_SSL_TLSV1_CERTIFICATE_REQUIRED', 'wants a client certificate, and none was sent'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'it does not know its issuer'],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'it cannot read it'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'it has expired'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', 'it was revoked'],
    ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', 'its holder is not let in'],
  ])('is told from the alert %s', (code, message) => {
    const error = requestFailure(alert(code), false);
    expect(error).toMatchObject({ code: 'tls-failed', phase: 'connect', delivery: 'not-sent' });
    expect(error.message).toContain(message);
  });

  test('once the server has begun to answer is a lost connection as any other', () => {
    expect(requestFailure(alert('ERR_SSL_TLSV1_ALERT_ACCESS_DENIED'), true).code).toBe('connection-lost');
  });

  test.each(['ERR_SSL_WRONG_VERSION_NUMBER', 'ECONNRESET', 'UNKNOWN_CA'])('is not what %s means', (code) => {
    expect(clientCertificateFailure(alert(code))).toBeUndefined();
  });
});
