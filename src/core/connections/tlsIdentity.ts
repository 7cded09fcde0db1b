import { readFile } from 'node:fs/promises';
import type { ServerConfig } from '../config/serverConfig.ts';
import { SluiceError } from '../errors.ts';
import type { TlsIdentity } from '../http/connector.ts';

/**
 * Reads the PEM files that the settings name.
 * @throws SluiceError `config-invalid`, with the path
 */
export async function readTlsIdentity({ tls }: ServerConfig): Promise<TlsIdentity> {
  const { ca, cert, key, ...rest } = tls;
  const read = async (member: 'ca' | 'cert' | 'key', path: string | undefined) => {
    if (path === undefined) return {};
    try {
      return { [member]: await readFile(path, 'utf8') };
    } catch (cause) {
      throw new SluiceError(
        'config-invalid',
        `The file of "tls.${member}" cannot be read: ${(cause as Error).message}`,
        {
          phase: 'settings',
          hint: 'Correct the path in the settings of this server.',
          cause,
        },
      );
    }
  };
  return { ...rest, ...(await read('ca', ca)), ...(await read('cert', cert)), ...(await read('key', key)) };
}
