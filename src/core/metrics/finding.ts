/** How long a server keeps an idle connection, in milliseconds, and how we know. */
export type KeepAlive =
  /** Its `Keep-Alive` header says so. */
  | { readonly ms: number; readonly from: 'hint' }
  /** It closed so many, of the last ones, after about that time. */
  | { readonly ms: number; readonly from: 'observed'; readonly seen: number };

/** What was learnt of how a server treats its connections, with its evidence. Times are milliseconds. */
export type Finding =
  | {
      readonly kind: 'stall';
      /** `response`: callers wait. `end`: only the connection is held up. */
      readonly of: 'response' | 'end';
      readonly ms: number;
      readonly rest: number;
      readonly late: number;
      readonly all: number;
      /** Connections that take turns. */
      readonly rotating: number;
    }
  /** `ms`: for so long at least. */
  | { readonly kind: 'held-open'; readonly held: number; readonly all: number; readonly ms: number }
  | { readonly kind: 'closes'; readonly closed: number; readonly all: number }
  | ({ readonly kind: 'keep-alive' } & KeepAlive);
