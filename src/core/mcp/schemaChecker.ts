import type { checkSchema as CheckSchema } from './toolSchema.ts';

let loaded: typeof CheckSchema | undefined;

/** `checkSchema` of toolSchema, which is loaded for the first value that is checked. */
export const checkSchema: typeof CheckSchema = async (...asked) => {
  loaded ??= (await import('./toolSchema.ts')).checkSchema;
  return loaded(...asked);
};
