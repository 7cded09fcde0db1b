/** What a TLS server shows, and what a client must trust to accept it. All PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  /** The certificate that vouches for `cert`; its own where it is self-signed. */
  readonly ca: string;
}

/**
 * - `private-ca`: for 127.0.0.1 and localhost, good to whoever trusts `ca`.
 * - `expired`: the same, but its time ran out in 2001.
 * - `self-signed`: vouches for itself.
 * - `wrong-host`: by the private CA, for another name.
 */
export type TlsKind = 'private-ca' | 'expired' | 'self-signed' | 'wrong-host';

const made = new Map<TlsKind | 'ca', Promise<TlsIdentity>>();

/** Made at the first call, kept for the life of the process. */
export function tlsIdentity(kind: TlsKind): Promise<TlsIdentity> {
  return once(kind, async () => {
    const issuer = kind === 'self-signed' ? undefined : await once('ca', authority);
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

function once(kind: TlsKind | 'ca', make: () => Promise<TlsIdentity>): Promise<TlsIdentity> {
  const known = made.get(kind);
  if (known !== undefined) return known;
  const fresh = make();
  made.set(kind, fresh);
  return fresh;
}
