import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser/lib/esm/main.js';
import { exactNumber } from '../../core/jsonrpc/exactJson.ts';
import { isSchemaObject } from './schemaObject.ts';

/** What a document of arguments says. Offsets count characters from the start of the text. */
export type ArgumentsReading =
  | {
      readonly kind: 'arguments';
      readonly arguments: Readonly<Record<string, unknown>>;
      /** Where the value at a JSON pointer stands. */
      locate(pointer: string): { readonly offset: number; readonly length: number };
    }
  | { readonly kind: 'broken'; readonly message: string; readonly offset: number; readonly length: number };

/** The text to start a document of arguments with; `$schema` ties it to the tool's schema. */
export function writeArguments(args: Readonly<Record<string, unknown>>, schemaReference: string): string {
  return `${JSON.stringify({ $schema: schemaReference, ...args }, null, 2)}\n`;
}

/** Reads a document of arguments. Comments and trailing commas are taken, `$schema` is taken out. Numbers are as written. */
export function readArguments(text: string, schemaReference: string): ArgumentsReading {
  try {
    return read(text, schemaReference);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { kind: 'broken', message: 'it is nested too deep', offset: 0, length: text.length };
  }
}

function read(text: string, schemaReference: string): ArgumentsReading {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const message = words(printParseErrorCode(error.error));
    return { kind: 'broken', message, offset: error.offset, length: error.length };
  }
  const value = tree === undefined ? undefined : writtenValue(tree, text);
  if (tree === undefined || !isSchemaObject(value)) {
    return { kind: 'broken', message: 'the arguments must be a JSON object', offset: 0, length: text.length };
  }
  const { $schema, ...rest } = value as { $schema?: unknown };
  return {
    kind: 'arguments',
    // A tool may have an argument of this name; it does not have this value.
    arguments: $schema === schemaReference ? rest : value,
    locate: (pointer) => locate(tree, pointer),
  };
}

function writtenValue(node: Node, text: string): unknown {
  switch (node.type) {
    case 'object': {
      const members = (node.children ?? []).map(({ children: [name, value] = [] }): [string, unknown] => [
        String(name?.value),
        value && writtenValue(value, text),
      ]);
      // Whatever their names are, they become members of the object itself.
      return Object.fromEntries(members);
    }
    case 'array':
      return (node.children ?? []).map((child) => writtenValue(child, text));
    case 'number':
      return exactNumber(text.slice(node.offset, node.offset + node.length));
    default:
      return node.value;
  }
}

/** What is missing has no place of its own: then it is the nearest thing that should hold it. */
function locate(tree: Node, pointer: string): Node {
  let node = tree;
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    const next =
      node.type === 'array'
        ? node.children?.[Number(name)]
        : node.children?.find(({ children }) => children?.[0]?.value === name)?.children?.[1];
    if (next === undefined) break;
    node = next;
  }
  return node;
}

/** `CloseBraceExpected` as `close brace expected`. */
function words(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
