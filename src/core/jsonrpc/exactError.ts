import { parseExact } from './exactJson.ts';
import { findPlaces, pathKey } from './jsonPlaces.ts';
import type { JsonRpcError, JsonRpcErrorResponse } from './message.ts';
import { type MessageText, textOf } from './messageText.ts';

/** Characters of a message whose `data` is read once more. */
const MOST = 256 * 1024;

/** Characters of an error's message: it becomes the text of errors, with a stack each, that are masked and shown. */
const LONGEST_MESSAGE = 64 * 1024;

/** The error of a message, with the numbers in its `data` as they were sent, and no more of its text than a person reads. */
export function exactError(
  message: JsonRpcErrorResponse,
  sent: Pick<MessageText, 'text' | 'index'> | undefined = textOf(message),
): JsonRpcError {
  const error = bounded(message.error);
  if (error.data === undefined || sent === undefined || sent.text.length > MOST) return error;
  const path = sent.index === undefined ? ['error', 'data'] : [sent.index, 'error', 'data'];
  const place = findPlaces(sent.text, [path]).get(pathKey(path));
  if (place?.end === undefined) return error;
  try {
    return { ...error, data: parseExact(sent.text.slice(place.start, place.end)) };
  } catch {
    // It is nested deeper than it can be read so.
    return error;
  }
}

function bounded(error: JsonRpcError): JsonRpcError {
  const { message } = error;
  if (message.length <= LONGEST_MESSAGE) return error;
  // A slice would keep all of the original alive for as long as the error is kept.
  const beginning = Buffer.from(message.slice(0, LONGEST_MESSAGE)).toString();
  return { ...error, message: `${beginning}… (${message.length - LONGEST_MESSAGE} more characters)` };
}
