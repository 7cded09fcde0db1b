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

/** A member of the message that nothing lists. Not in a WeakMap: one entry a call made the garbage collector the costliest part of a call. */
const TEXT = Symbol('text');

type Response = (JsonRpcResult | JsonRpcErrorResponse) & { readonly [TEXT]?: MessageText };

/** Keeps the text of a response that was received: for as long as the response is kept. */
export function rememberText(received: Received, text: MessageText): void {
  if (received.kind === 'result' || received.kind === 'error')
    Object.defineProperty(received.message, TEXT, { value: text });
}

/** Undefined for a message that was not received, such as one that a test made. */
export function textOf(message: Response): MessageText | undefined {
  return message[TEXT];
}
