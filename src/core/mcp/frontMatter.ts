import { CORE_SCHEMA, load, YAMLException } from 'js-yaml';
import { isObject } from '../jsonrpc/message.ts';

/** Characters that are looked at for its end: parsing takes time that grows with them. */
const MAX_LENGTH = 65_536;
export const MAX_DEPTH = 32;
/** Each may double what the ones before it stand for. */
const MAX_ALIASES = 8;

export type FrontMatter =
  | { readonly kind: 'read'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unreadable'; readonly problem: string };

/**
 * The YAML between two lines of `---` with which a SKILL.md begins, as JSON would render it. It is YAML 1.2: a date is a
 * text, and `yes` is one too.
 */
export function frontMatterOf(text: string): FrontMatter {
  const [, yaml] = BETWEEN_DASHES.exec(text.slice(0, MAX_LENGTH)) ?? [];
  if (yaml === undefined)
    return unreadable(`it does not begin with front matter of ${MAX_LENGTH} characters at most`);
  try {
    const value = load(yaml, { schema: CORE_SCHEMA, maxDepth: MAX_DEPTH, maxAliases: MAX_ALIASES });
    const fields: unknown = JSON.parse(JSON.stringify(value));
    return isObject(fields) ? { kind: 'read', fields } : unreadable('its front matter has no fields');
  } catch (error) {
    // The message of the parser itself has lines of the text with it.
    const why = error instanceof YAMLException ? error.reason : String(error);
    return unreadable(`its front matter is not readable YAML: ${why}`);
  }
}

const BETWEEN_DASHES = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)(?<=\n)---[ \t]*(?:\r?\n|$)/;

function unreadable(problem: string): FrontMatter {
  return { kind: 'unreadable', problem };
}
