import type { JsonRpcErrorResponse, JsonRpcResult, Received } from './message.ts';

/** How a response came, which its values do not tell: numbers of other digits, the order of members, members that stand twice. */
export interface MessageText {
  /** The JSON text that brought it. */
  readonly text: string;
  /** Its place in `text`, where that is a batch. */
  readonly index: number | undefined;
  /** Bytes that are not UTF-8: each such piece is U+FFFD in `text`. */
  readonly invalidBytes: number;
}

/** Held for as long as the message is, and by nothing else: whoever drops a response drops its text. */
const texts = new WeakMap<JsonRpcResult | JsonRpcErrorResponse, MessageText>();

/** Keeps the text of a response that was received. */
export function rememberText(received: Received, text: MessageText): void {
  if (received.kind === 'result' || received.kind === 'error') texts.set(received.message, text);
}

/** Undefined for a message that was not received, such as one that a test made. */
export function textOf(message: JsonRpcResult | JsonRpcErrorResponse): MessageText | undefined {
  return texts.get(message);
}
