import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerConfig } from '../config/serverConfig.ts';
import { SluiceError } from '../errors.ts';
import type { TlsIdentity } from '../http/tlsContext.ts';

/**
 * Reads the PEM files that the settings name, and looks into them: what OpenSSL would say of a bad one, in the middle
 * of a handshake, names neither the file nor the setting.
 *
 * @throws SluiceError `config-invalid`, with the path
 */
export async function readTlsIdentity({ tls }: ServerConfig): Promise<TlsIdentity> {
  const { ca, cert, key, passphrase } = tls;
  const read: { -readonly [Key in keyof TlsIdentity]: TlsIdentity[Key] } = { ...tls };
  if (ca !== undefined) {
    read.ca = await pem('ca', ca);
    checkCertificate('ca', ca, read.ca);
  }
  if (cert !== undefined) read.cert = await pem('cert', cert);
  if (key !== undefined) read.key = await pem('key', key);
  if (cert !== undefined && read.cert !== undefined) {
    const certificate = checkCertificate('cert', cert, read.cert);
    if (key !== undefined && read.key !== undefined) {
      const privateKey = checkKey(key, read.key, passphrase);
      if (!certificate.checkPrivateKey(privateKey)) {
        throw invalid(
          `The key in ${key} does not belong to the certificate in ${cert}`,
          'Correct one of the two paths: "tls.cert" and "tls.key" are a pair.',
        );
      }
    }
  }
  return read;
}

async function pem(member: 'ca' | 'cert' | 'key', path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw invalid(
      `The file of "tls.${member}" cannot be read: ${(cause as Error).message}`,
      'Correct the path in the settings of this server.',
      cause,
    );
  }
}

function checkCertificate(member: 'ca' | 'cert', path: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw invalid(
      `There is no certificate in ${path}, which "tls.${member}" names`,
      'Give the path of a PEM file, with a part that starts with "-----BEGIN CERTIFICATE-----".',
      cause,
    );
  }
}

function checkKey(path: string, text: string, passphrase: string | undefined): KeyObject {
  // Both kinds of PEM say so: "ENCRYPTED PRIVATE KEY", and "Proc-Type: 4,ENCRYPTED".
  const isEncrypted = /ENCRYPTED/.test(text);
  if (isEncrypted && passphrase === undefined) {
    throw invalid(
      `The key in ${path} is encrypted, and "tls.passphrase" is not set`,
      'Set "passphrase": "${input:passphrase}" beside the key, to be asked for it.',
    );
  }
  try {
    return createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    throw isEncrypted
      ? invalid(
          `The key in ${path} cannot be decrypted: "tls.passphrase" does not fit`,
          'Correct the passphrase; one that you were asked for can be forgotten with the command Sluice: Forget Stored Inputs.',
          cause,
        )
      : invalid(
          `There is no private key in ${path}, which "tls.key" names`,
          'Give the path of a PEM file, with a part such as "-----BEGIN PRIVATE KEY-----".',
          cause,
        );
  }
}

function invalid(message: string, hint: string, cause?: unknown): SluiceError {
  return new SluiceError('config-invalid', message, {
    phase: 'settings',
    delivery: 'not-sent',
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
