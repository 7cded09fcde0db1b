import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { constants, open, stat } from 'node:fs/promises';
import type { ServerConfig } from '../config/serverConfig.ts';
import { SluiceError } from '../errors.ts';
import type { TlsIdentity } from '../http/tlsIdentity.ts';

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
    return await readSmallFile(path);
  } catch (cause) {
    throw invalid(
      `The file of "tls.${member}" cannot be read: ${(cause as Error).message}`,
      'Correct the path in the settings of this server.',
      cause,
    );
  }
}

/** Bytes of a PEM file: all authorities of a system together have a quarter of that. */
const MAX_FILE = 1024 * 1024;

/** A device has no end, and a pipe may have no beginning: both are told apart before they are opened. */
async function readSmallFile(path: string): Promise<string> {
  if (!(await stat(path)).isFile()) throw new Error(`${path} is not a regular file`);
  const file = await open(path, constants.O_RDONLY);
  try {
    const bytes = Buffer.allocUnsafe(MAX_FILE + 1);
    let length = 0;
    for (let read = 1; read > 0 && length < bytes.length; length += read)
      read = (await file.read(bytes, length, bytes.length - length)).bytesRead;
    if (length > MAX_FILE) throw new Error(`${path} is larger than 1 MiB`);
    return bytes.toString('utf8', 0, length);
  } finally {
    await file.close();
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
