import type { SchemaObject } from './schemaObject.ts';

/** What a `$ref` names within its own schema; undefined where it leads elsewhere, or to nothing. */
export function resolveLocal(reference: unknown, root: SchemaObject): unknown {
  if (typeof reference !== 'string' || (reference !== '#' && !reference.startsWith('#/'))) return undefined;
  let found: unknown = root;
  for (const step of reference.split('/', 64).slice(1)) {
    const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as SchemaObject)[name];
  }
  return found;
}

/** A `$ref` is a URI: what has a meaning there is percent-encoded. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
