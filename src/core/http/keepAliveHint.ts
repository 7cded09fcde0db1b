/** What a `Keep-Alive` header says; a member that it does not name, or not as a number, is absent. */
export interface KeepAliveHint {
  /** `timeout`: for so long an idle connection is kept. */
  readonly seconds?: number;
  /** `max`: so many requests are taken on the connection. */
  readonly requests?: number;
}

const NONE: KeepAliveHint = {};

/** @param header `timeout=5, max=100`, in any order and case; `undefined` where there is none */
export function keepAliveHintOf(header: string | readonly string[] | undefined): KeepAliveHint {
  if (header === undefined) return NONE;
  const seconds = parameter('timeout', header);
  const requests = parameter('max', header);
  return { ...(seconds !== undefined && { seconds }), ...(requests !== undefined && { requests }) };
}

function parameter(name: string, header: string | readonly string[]): number | undefined {
  const value = new RegExp(`(?:^|[,;\\s])${name}\\s*=\\s*"?(\\d{1,9})(?!\\d)`, 'i').exec(String(header))?.[1];
  return value === undefined ? undefined : Number(value);
}
