import type { DetailedPeerCertificate } from 'node:tls';
import { SluiceError } from '../errors.ts';

export interface CertificateHolder {
  /** How messages name it, such as `https://example.com`. */
  readonly called: string;
  /** The name that its certificate should have. */
  readonly name: string;
}

/** Verdicts of OpenSSL, as Node names them, on a certificate that nobody known vouches for. */
const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);

/** A certificate that is not accepted: what is wrong with it, in its own data, and the setting that cures it. */
export function certificateFailure(
  verdict: string,
  certificate: DetailedPeerCertificate,
  holder: CertificateHolder,
): SluiceError {
  const { problem, hint } = explain(verdict, certificate, holder);
  return new SluiceError('tls-failed', `The certificate of ${holder.called} ${problem} (${verdict})`, {
    phase: 'connect',
    delivery: 'not-sent',
    hint,
  });
}

function explain(
  verdict: string,
  certificate: DetailedPeerCertificate,
  { name }: CertificateHolder,
): { problem: string; hint: string } {
  if (verdict === 'DEPTH_ZERO_SELF_SIGNED_CERT') {
    return {
      problem: `is self-signed: ${describe(certificate)}`,
      hint: 'If you know it, save it as a PEM file and set "tls": { "ca": "path/to/certificate.pem" } for this server.',
    };
  }
  if (UNTRUSTED.has(verdict)) {
    return {
      problem: `is not signed by an authority that this machine trusts: ${describe(certificate)}, issued by ${issuerOf(certificate)}`,
      hint: 'Set "tls": { "ca": "path/to/authority.pem" } for this server, with the certificate of that issuer.',
    };
  }
  if (verdict === 'CERT_HAS_EXPIRED') {
    const expired = soonest(certificate, (one) => Date.parse(one.valid_to));
    return {
      problem: `has expired: ${whose(expired, certificate)} was valid until ${day(expired.valid_to)}`,
      hint: 'Renew the certificate on the server, or correct the clock of this machine.',
    };
  }
  if (verdict === 'CERT_NOT_YET_VALID') {
    const early = soonest(certificate, (one) => -Date.parse(one.valid_from));
    return {
      problem: `is not valid yet: ${whose(early, certificate)} is valid from ${day(early.valid_from)}`,
      hint: 'Correct the clock of this machine, or of the one that made the certificate.',
    };
  }
  if (verdict === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = namesOf(certificate);
    const known = names[0] ?? 'the name in it';
    return {
      problem: `is for another host: ${names.length === 0 ? describe(certificate) : names.join(', ')}, and not for ${name}`,
      hint: `Use that host in the URL, or set "tls": { "servername": ${JSON.stringify(known)} } for this server.`,
    };
  }
  return {
    problem: `is not accepted: ${describe(certificate)}, issued by ${issuerOf(certificate)}`,
    hint: 'Correct the certificate on the server, or set "tls": { "ca": "path/to/authority.pem" } for this server.',
  };
}

/** For example `"localhost", valid 2026-01-31 to 2027-01-31`. */
function describe(certificate: DetailedPeerCertificate): string {
  return `${subjectOf(certificate)}, valid ${day(certificate.valid_from)} to ${day(certificate.valid_to)}`;
}

function whose(one: DetailedPeerCertificate, leaf: DetailedPeerCertificate): string {
  return one === leaf ? subjectOf(one) : `its issuer ${subjectOf(one)}`;
}

function subjectOf({ subject }: DetailedPeerCertificate): string {
  return quote(subject?.CN ?? subject?.O ?? 'without a name');
}

function issuerOf({ issuer }: DetailedPeerCertificate): string {
  return quote(issuer?.CN ?? issuer?.O ?? 'an unnamed authority');
}

/** At most five of the names that the certificate is for. */
function namesOf({ subjectaltname = '' }: DetailedPeerCertificate): string[] {
  const names = [...subjectaltname.matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)].map(([, name = '']) =>
    plain(name),
  );
  return names.slice(0, 5);
}

/** The certificate of the chain for which `rank` is least: the chain's last is its own issuer. */
function soonest(
  leaf: DetailedPeerCertificate,
  rank: (certificate: DetailedPeerCertificate) => number,
): DetailedPeerCertificate {
  let least = leaf;
  for (let one = leaf.issuerCertificate; one !== undefined; one = one.issuerCertificate) {
    if (rank(one) < rank(least)) least = one;
    if (one.issuerCertificate === one) break;
  }
  return least;
}

/** `Jan 31 12:00:00 2026 GMT` as `2026-01-31`. */
function day(date: string): string {
  const time = Date.parse(date);
  return Number.isNaN(time) ? plain(date) : new Date(time).toISOString().slice(0, 10);
}

/** What a certificate says of itself was written by a stranger: on one line, and short. */
function plain(text: string | readonly string[]): string {
  const line = String(text).replace(/[^\x20-\x7e\xa0-\uffff]+/g, ' ');
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}

function quote(text: string | readonly string[]): string {
  return JSON.stringify(plain(text));
}
