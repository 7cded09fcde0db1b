/** Who asked for a call. */
export type Initiator =
  | { readonly kind: 'user' | 'benchmark' | 'diagnosis' }
  /** Another extension. `id`: as the caller says; absent where it says nothing. */
  | { readonly kind: 'extension'; readonly id?: string }
  /** A caller of `core/` that does not say. */
  | { readonly kind: 'unknown' };
