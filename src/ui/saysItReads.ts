import { isSluiceError } from '../core/errors.ts';
import type { ServerConnection } from '../core/index.ts';
import { readsOnly } from './toolHints.ts';

/**
 * Whether a tool says that it only reads. One that its server does not list, or of a server that lists none, says nothing.
 * @throws SluiceError where the server cannot be asked
 */
export async function saysItReads(
  connection: Pick<ServerConnection, 'listTools'>,
  name: string,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const tools = await connection.listTools(signal === undefined ? {} : { signal });
    // Of two tools of one name, the first is the one that a call goes by.
    const tool = tools.find((one) => one.name === name);
    return tool !== undefined && readsOnly(tool);
  } catch (error) {
    if (isSluiceError(error) && (error.code === 'not-offered' || error.code === 'jsonrpc-error'))
      return false;
    throw error;
  }
}
