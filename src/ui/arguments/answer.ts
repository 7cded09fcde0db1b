/** The answer to one question. */
export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'skip' }
  | { readonly kind: 'back' }
  | { readonly kind: 'json' }
  | { readonly kind: 'cancelled' };
