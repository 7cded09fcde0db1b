import type * as Core from '../../core/index.ts';

let loading: Promise<typeof Core> | undefined;

/** Everything that opens connections: a bundle of its own, loaded when the first server is used. */
export function loadCore(): Promise<typeof Core> {
  loading ??= import('../../core/index.ts');
  return loading;
}
