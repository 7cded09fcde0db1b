import { excerpt } from '../jsonrpc/excerpt.ts';
import type { JsonRpcError } from '../jsonrpc/message.ts';

/**
 * An error of JSON-RPC as a person reads it, with what its `data` adds: it is often all that there is.
 * @param more behind the code, in the same brackets
 */
export function inWords({ code, message, data }: JsonRpcError, more = ''): string {
  const added = dataInWords(data, message);
  return `${message} (${code}${more})${added === '' ? '' : `: ${added}`}`;
}

/** The same without its code. */
export function saidIn({ message, data }: JsonRpcError): string {
  const added = dataInWords(data, message);
  return added === '' ? message : `${message}: ${added}`;
}

function dataInWords(data: unknown, message: string): string {
  if (data === undefined || data === null || data === '') return '';
  const text =
    typeof data === 'string' ? (data.length > 300 ? `${data.slice(0, 300)}…` : data) : excerpt(data, 300);
  return text === '{}' || text === '[]' || message.includes(text) ? '' : text.trim();
}
