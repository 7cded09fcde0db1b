import { createPrivateKey } from 'node:crypto';

/** What a TLS server shows, and what a client must trust to accept it. All PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  /** The certificate that vouches for `cert`; its own where it is self-signed. */
  readonly ca: string;
}

/** What the lab shows, and what it asks the client for. */
export interface LabTls extends TlsIdentity {
  /** The client must show a certificate that `ca` vouches for, or the handshake fails. */
  readonly requestClientCert?: 'required';
}

/**
 * - `private-ca`: for 127.0.0.1 and localhost, good to whoever trusts `ca`.
 * - `expired`: the same, but its time ran out in 2001.
 * - `self-signed`: vouches for itself.
 * - `wrong-host`: by the private CA, for another name.
 */
export type TlsKind = 'private-ca' | 'expired' | 'self-signed' | 'wrong-host';

/** What a client shows to a server that asks for a certificate. All PEM. */
export interface ClientIdentity {
  readonly key: string;
  readonly cert: string;
  /** The same key, of use only together with `passphrase`. */
  readonly encryptedKey: string;
  readonly passphrase: string;
}

/** `private-ca`: who trusts the private CA accepts it. `stranger`: vouched for by itself alone. */
export type ClientKind = 'private-ca' | 'stranger';

const authorities = new Map<'ca', Promise<TlsIdentity>>();
const servers = new Map<TlsKind, Promise<TlsIdentity>>();
const clients = new Map<ClientKind, Promise<ClientIdentity>>();

/** Made at the first call, kept for the life of the process. */
export function tlsIdentity(kind: TlsKind): Promise<TlsIdentity> {
  return once(servers, kind, async () => {
    const issuer = kind === 'self-signed' ? undefined : await privateCa();
    const altNames =
      kind === 'wrong-host'
        ? [{ type: 2 as const, value: 'elsewhere.test' }]
        : [
            { type: 2 as const, value: 'localhost' },
            { type: 7 as const, ip: '127.0.0.1' },
          ];
    const { key, cert } = await certificate('sluice lab', {
      extensions: [{ name: 'subjectAltName', altNames }],
      ...(kind === 'expired' && {
        notBeforeDate: new Date('2000-01-01'),
        notAfterDate: new Date('2001-01-01'),
      }),
      ...(issuer !== undefined && { ca: { key: issuer.key, cert: issuer.cert } }),
    });
    return { key, cert, ca: issuer?.cert ?? cert };
  });
}

/** Made at the first call, kept for the life of the process. */
export function clientIdentity(kind: ClientKind): Promise<ClientIdentity> {
  return once(clients, kind, async () => {
    const issuer = kind === 'stranger' ? undefined : await privateCa();
    const { key, cert } = await certificate(`sluice lab client, ${kind}`, {
      extensions: [{ name: 'extKeyUsage', clientAuth: true }],
      ...(issuer !== undefined && { ca: { key: issuer.key, cert: issuer.cert } }),
    });
    const passphrase = 'open sesame';
    const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
    return { key, cert, encryptedKey: String(createPrivateKey(key).export(encrypted)), passphrase };
  });
}

function privateCa(): Promise<TlsIdentity> {
  return once(authorities, 'ca', authority);
}

async function authority(): Promise<TlsIdentity> {
  const { key, cert } = await certificate('sluice lab authority', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { key, cert, ca: cert };
}

type Options = NonNullable<Parameters<typeof import('selfsigned').generate>[1]>;

async function certificate(commonName: string, options: Options): Promise<{ key: string; cert: string }> {
  // Loaded only where TLS is asked for: it brings a polyfill of a global, and takes its time.
  const { generate } = await import('selfsigned');
  const name = [{ name: 'commonName', value: commonName }];
  const made = await generate(name, { keyType: 'ec', curve: 'P-256', algorithm: 'sha256', ...options });
  return { key: made.private, cert: made.cert };
}

function once<Kind, Made>(
  made: Map<Kind, Promise<Made>>,
  kind: Kind,
  make: () => Promise<Made>,
): Promise<Made> {
  const known = made.get(kind);
  if (known !== undefined) return known;
  const fresh = make();
  made.set(kind, fresh);
  return fresh;
}
