import { dereference, type Schema, type SchemaDraft, validate } from '@cfworker/json-schema';
import { type Message, SCHEMA_UNCHECKED } from './jsonrpc.ts';
import type { Received } from './ledger.ts';
import { PROTOCOL_VERSION_META } from './modern.ts';
import { officialSchemas, type SchemaDocument, type SchemaRevision } from './officialSchemas.ts';

/** "If the server does not receive an MCP-Protocol-Version header ... it SHOULD assume protocol version 2025-03-26." */
const WITHOUT_HEADER = '2025-03-26';
/** The suite has no schema of it. What a client sends is the same in the revision after it, but for optional members. */
const WITHOUT_SCHEMA = '2024-11-05';
/** Requests of extensions (ext-tasks, ext-skills), which the schema of 2026-07-28 does not have: their `_meta` is checked. */
const EXTENSION_METHODS: readonly string[] = [
  'tasks/get',
  'tasks/update',
  'tasks/cancel',
  'skills/list',
  'skills/get',
];
const MOST_ERRORS = 3;

/**
 * Every message that a client sends, against the specification's own schema of the revision it is sent in. Gathers what is
 * wrong; `assertNothingWrong` tells it, so that the test that started the lab fails.
 */
export class SchemaCheck {
  readonly #schemas = schemas();
  readonly #wrong: string[] = [];

  check({ httpMethod, headers }: Received, body: string): void {
    if (httpMethod !== 'POST' || headers[SCHEMA_UNCHECKED] !== undefined) return;
    const problem = problemOf(headers, body, this.#schemas);
    if (problem !== undefined) this.#wrong.push(`${problem}\n  in ${body.slice(0, 2_000)}`);
  }

  /** @throws Error with each message that breaks its schema; what was told once is forgotten */
  assertNothingWrong(): void {
    const wrong = this.#wrong.splice(0);
    if (wrong.length > 0) throw new Error(`The client broke the official schema:\n${wrong.join('\n')}`);
  }
}

function problemOf(headers: Received['headers'], body: string, schemas: Schemas): string | undefined {
  let message: Message;
  try {
    message = JSON.parse(body) as Message;
  } catch (error) {
    return `no JSON: ${String(error)}`;
  }
  const named = revisionOf(message, headers);
  const schema = schemas[named as SchemaRevision];
  if (schema === undefined) return `a message of ${named}, of which there is no schema`;
  const definition = definitionFor(message, schema);
  if (definition === undefined) return `${named}: a client has no ${String(message.method)}`;
  return schema.problem(envelopeOf(message, schema), message) ?? schema.problem(...definition);
}

function revisionOf(message: Message, headers: Received['headers']): string {
  const named = namedRevision(message, headers);
  return named === WITHOUT_SCHEMA ? '2025-03-26' : named;
}

function namedRevision({ method, params }: Message, headers: Received['headers']): string {
  if (method === 'initialize') return params?.protocolVersion ?? 'no revision';
  return params?._meta?.[PROTOCOL_VERSION_META] ?? headers['mcp-protocol-version'] ?? WITHOUT_HEADER;
}

function envelopeOf(message: Message, schema: RevisionSchema): string {
  if (message.method !== undefined)
    return message.id === undefined ? 'JSONRPCNotification' : 'JSONRPCRequest';
  if (message.error !== undefined)
    return schema.has('JSONRPCError') ? 'JSONRPCError' : 'JSONRPCErrorResponse';
  return schema.has('JSONRPCResultResponse') ? 'JSONRPCResultResponse' : 'JSONRPCResponse';
}

/** The definition that a message, or its result, has to be of. Undefined where the revision knows no such message. */
function definitionFor(message: Message, schema: RevisionSchema): [string, unknown] | undefined {
  const { method, result, error } = message;
  if (error !== undefined) return [envelopeOf(message, schema), message];
  if (method === undefined) return [resultDefinition(result), result];
  const known = schema.clientMethods.get(method);
  if (known !== undefined) return [known, message];
  if (schema.has('RequestMetaObject') && EXTENSION_METHODS.includes(method))
    return ['RequestParams', message.params];
  return undefined;
}

/** A response does not name what it answers: the members that only one kind of result has tell. */
function resultDefinition(result: unknown): string {
  if (typeof result !== 'object' || result === null) return 'EmptyResult';
  if ('action' in result) return 'ElicitResult';
  if ('roots' in result) return 'ListRootsResult';
  if ('model' in result || 'content' in result) return 'CreateMessageResult';
  return 'EmptyResult';
}

class RevisionSchema {
  /** Method -> definition, of everything that a client may send. */
  readonly clientMethods: ReadonlyMap<string, string>;
  readonly #definitions: Readonly<Record<string, object>>;
  readonly #lookup: Record<string, Schema | boolean>;
  readonly #place: string;
  readonly #draft: SchemaDraft;

  constructor(revision: string, document: SchemaDocument) {
    const { $defs, definitions = $defs } = document;
    if (definitions === undefined) throw new Error(`the schema of ${revision} defines nothing`);
    const $id = `https://schema.test/${revision}`;
    this.#definitions = definitions;
    this.#lookup = dereference({ ...document, $id } as Schema);
    this.#place = `${$id}#/${$defs === undefined ? 'definitions' : '$defs'}/`;
    this.#draft = $defs === undefined ? '7' : '2020-12';
    this.clientMethods = new Map(
      ['ClientRequest', 'ClientNotification'].flatMap((union) => this.#methodsOf(union)),
    );
  }

  has(definition: string): boolean {
    return definition in this.#definitions;
  }

  /** What is wrong with `value`, innermost first; undefined where it is of the definition. */
  problem(definition: string, value: unknown): string | undefined {
    const schema = this.#lookup[this.#place + definition];
    if (schema === undefined) return `${this.#place} has no ${definition}`;
    const { valid, errors } = validate(value, schema, this.#draft, this.#lookup, true);
    if (valid) return undefined;
    const told = errors.toReversed().map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
    return `${this.#place}${definition}: ${told.slice(0, MOST_ERRORS).join(' ')}`;
  }

  #methodsOf(union: string): [string, string][] {
    const { anyOf = [{ $ref: `/${union}` }] } = this.#definitions[union] as {
      readonly anyOf?: readonly { readonly $ref: string }[];
    };
    return anyOf.map(({ $ref }) => {
      const name = $ref.slice($ref.lastIndexOf('/') + 1);
      const { properties } = this.#definitions[name] as {
        readonly properties: { readonly method: { readonly const: string } };
      };
      return [properties.method.const, name];
    });
  }
}

type Schemas = Readonly<Record<SchemaRevision, RevisionSchema>>;

let read: Schemas | undefined;

/** Read once a process, and only where something is checked. */
function schemas(): Schemas {
  read ??= Object.fromEntries(
    Object.entries(officialSchemas()).map(([revision, document]) => [
      revision,
      new RevisionSchema(revision, document),
    ]),
  ) as Schemas;
  return read;
}
