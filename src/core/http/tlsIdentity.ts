/** PEM texts, read from the files that the settings name. */
export interface TlsIdentity {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
  readonly systemCertificates?: boolean;
}

/** What of it holds for others than the server, such as a proxy: whom to trust. They are shown nothing, and each is checked. */
export function trustOf({ ca, systemCertificates }: TlsIdentity): TlsIdentity {
  return { ...(ca && { ca }), ...(systemCertificates === false && { systemCertificates }) };
}
