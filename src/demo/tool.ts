import {
  type CallToolResult,
  fromJsonSchema,
  type InputRequiredResult,
  type JsonSchemaType,
  type ServerContext,
  type StandardSchemaWithJSON,
  type ToolAnnotations,
} from '@modelcontextprotocol/server';

export type ToolOutcome = CallToolResult | InputRequiredResult;

export interface DemoTool {
  readonly name: string;
  /** What `tools/list` says about it. */
  readonly config: {
    readonly title: string;
    readonly description: string;
    readonly annotations: ToolAnnotations;
    readonly inputSchema: StandardSchemaWithJSON;
    readonly outputSchema?: StandardSchemaWithJSON;
  };
  readonly outputSchema: JsonSchemaType | undefined;
  /** Checks the arguments and runs the tool. Throws a ProtocolError where the answer is to be a JSON-RPC error. */
  readonly call: (args: unknown, ctx: ServerContext) => Promise<ToolOutcome>;
}

interface ToolDefinition<Arguments> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly inputSchema: JsonSchemaType;
  readonly outputSchema?: JsonSchemaType;
  /** `Arguments` is what the input schema lets through: a property with a default may still be absent. */
  readonly run: (args: Arguments, ctx: ServerContext) => ToolOutcome | Promise<ToolOutcome>;
}

export function defineTool<Arguments>(definition: ToolDefinition<Arguments>): DemoTool {
  const { name, title, description, annotations, outputSchema, run } = definition;
  const inputSchema = fromJsonSchema<Arguments>(definition.inputSchema);
  return {
    name,
    config: {
      title,
      description,
      annotations,
      inputSchema,
      ...(outputSchema && { outputSchema: fromJsonSchema(outputSchema) }),
    },
    outputSchema,
    call: async (args, ctx) => {
      const checked = await inputSchema['~standard'].validate(args);
      if (checked.issues) {
        // "Input validation errors" are tool execution errors, so that the caller can correct the arguments.
        const problems = checked.issues.map((issue) => issue.message).join('; ');
        return {
          isError: true,
          content: [{ type: 'text', text: `Invalid arguments for ${name}: ${problems}` }],
        };
      }
      return run(checked.value, ctx);
    },
  };
}
