import { excerpt } from '../../core/jsonrpc/excerpt.ts';
import type { Tool } from '../../core/mcp/mcpTypes.ts';
import { paragraphsOf } from '../arguments/paragraphs.ts';
import { isSchemaObject, mayBeRounded, type SchemaObject } from '../arguments/schemaObject.ts';
import { cleanText } from '../surfaces/cleanText.ts';
import { hintsOf } from './toolHints.ts';

/** Characters of the whole page, and of one paragraph of it. */
const MOST = 200_000;
const LONGEST = 20_000;
/** Columns of a line: a plain text is not wrapped by the editor. */
const COLUMNS = 80;
/** Levels of objects within each other whose members are told. */
const DEEPEST = 5;

/**
 * All that a tool says of itself, as a plain text to read: title, hints, the whole description, and every argument with its
 * description. Plain, because whatever draws Markdown would load what a server names in it.
 */
export function toolText(shownServer: string, tool: Tool): string {
  const lines: string[] = [];
  let left = MOST;
  const put = (text: string): void => {
    if (left <= 0) return;
    left -= text.length + 1;
    lines.push(left > 0 ? wrapped(text) : '… the rest is left out: it is longer than a page can be.');
  };
  const title = textOf(tool.title) ?? textOf(tool.annotations?.title);
  put(`${clean(tool.name)}${title === undefined || title === tool.name ? '' : ` (${clean(title)})`}`);
  put(`a tool of the server ${clean(shownServer)}`);
  const hints = hintsOf(tool);
  if (hints.length > 0) put(`The server says: ${hints.map(({ words }) => words).join('; ')}.`);
  put('');
  const description = textOf(tool.description);
  put(description === undefined ? 'It has no description.' : paragraphsOf(description, LONGEST));
  for (const [heading, schema] of [
    ['Arguments', tool.inputSchema],
    ['Structured result', tool.outputSchema],
  ] as const) {
    if (!isSchemaObject(schema)) continue;
    put('');
    put(heading);
    const about = textOf(schema.description);
    if (about !== undefined) put(paragraphsOf(about, LONGEST, '  '));
    if (!putMembers(schema, 1, put, () => left > 0)) put('  none are described');
  }
  return `${lines.join('\n')}\n`;
}

/** @returns whether there was one */
function putMembers(
  schema: SchemaObject,
  depth: number,
  put: (text: string) => void,
  hasRoom: () => boolean,
): boolean {
  const properties = isSchemaObject(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  let isAny = false;
  for (const name in properties) {
    if (!hasRoom()) return true;
    isAny = true;
    const member = properties[name];
    const indent = '  '.repeat(depth);
    const kind = isSchemaObject(member) ? kindOf(member) : 'any value';
    put('');
    put(`${indent}${clean(name)}: ${kind}${required.has(name) ? ', required' : ''}`);
    if (!isSchemaObject(member)) continue;
    const about = textOf(member.description);
    if (about !== undefined) put(paragraphsOf(about, LONGEST, `${indent}  `));
    if ('default' in member) put(`${indent}  default: ${given(member.default, 200)}`);
    if (Array.isArray(member.enum)) put(`${indent}  one of: ${given(member.enum, 1_000)}`);
    if (depth >= DEEPEST) continue;
    putMembers(member, depth + 1, put, hasRoom);
    if (isSchemaObject(member.items)) putMembers(member.items, depth + 1, put, hasRoom);
  }
  return isAny;
}

/** A value of the schema, where it is known as it was sent. */
function given(value: unknown, most: number): string {
  return mayBeRounded(value)
    ? 'not shown, because one of its numbers has more digits than can be read here'
    : clean(excerpt(value, most));
}

function kindOf(schema: SchemaObject): string {
  const type = Array.isArray(schema.type) ? schema.type.slice(0, 8).join(' or ') : schema.type;
  const kind = typeof type === 'string' ? clean(type) : 'any value';
  return textOf(schema.format) === undefined ? kind : `${kind}, ${clean(String(schema.format))}`;
}

/** Breaks long lines between words, at the indentation that they have. */
function wrapped(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      const room = new RegExp(`(?! )(?:.{1,${Math.max(20, COLUMNS - indent.length)}}(?= |$)|[^ ]+)`, 'gu');
      const pieces = line.match(room);
      return pieces === null ? [line] : pieces.map((piece) => indent + piece);
    })
    .join('\n');
}

function clean(text: string): string {
  return cleanText(text, 1_000);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
