/** What the extension host tells the runner outside, one JSON object a line. `finished` is the last. */
export type HostTestEvent =
  | {
      readonly kind: 'passed';
      readonly title: string;
      readonly milliseconds: number;
      readonly notes: readonly string[];
    }
  | { readonly kind: 'failed'; readonly title: string; readonly error: string }
  | { readonly kind: 'skipped'; readonly title: string }
  | { readonly kind: 'finished' };
