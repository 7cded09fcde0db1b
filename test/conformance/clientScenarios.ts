import { isSluiceError, type McpServer } from '../../src/core/index.ts';
import { sampleArguments } from './sampleArguments.ts';

/** What a scenario tells its client besides the URL. */
export interface Context {
  /** Of `http-custom-headers`. */
  readonly toolCalls?: readonly {
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  }[];
}

/** What the client does in a scenario. It throws where something fails that a user would be told of. */
type Drive = (connection: McpServer, context: Context) => Promise<void>;

const SCENARIOS: Readonly<Record<string, Drive>> = {
  initialize: async (connection) => {
    await connection.connect();
  },
  tools_call: async (connection) => {
    await connection.listTools();
    await call(connection, 'add_numbers', { a: 5, b: 3 });
  },
  'elicitation-sep1034-client-defaults': callEveryTool,
  'sse-retry': callEveryTool,
  // Its server declares nothing, so that there is nothing else to ask it for.
  'request-metadata': async (connection) => {
    await connection.connect();
    await connection.ping();
  },
  'http-standard-headers': useEverything,
  'http-custom-headers': async (connection, { toolCalls = [] }) => {
    await connection.listTools();
    for (const { name, arguments: args } of toolCalls) await call(connection, name, args);
  },
  'http-invalid-tool-headers': callEveryTool,
  'sep-2322-client-request-state': callEveryTool,
  'json-schema-ref-no-deref': async (connection) => {
    await connection.listTools();
  },
  'json-schema-2020-12-preservation': async (connection) => {
    const tools = await connection.listTools();
    const observed = tools.find(({ name }) => name === 'json_schema_2020_12_tool');
    await call(connection, 'json_schema_echo', { schema: observed?.inputSchema });
  },
  'sep-2640-client-no-prefetch': async (connection) => {
    await connection.listSkills();
  },
  'sep-2640-client-verify-digest': loadEverySkill,
  'sep-2640-client-verify-size': loadEverySkill,
  'sep-2640-client-verify-frontmatter': loadEverySkill,
};

/** Of one family all do the same, and differ in how the server lets the client in. */
const AUTHORIZATION: Drive = async (connection) => {
  await connection.listTools();
  await call(connection, 'test-tool', {});
};

export function scenarioNamed(name: string): Drive {
  const drive = name.startsWith('auth/') ? AUTHORIZATION : SCENARIOS[name];
  if (drive === undefined) throw new Error(`The driver does not know the scenario ${JSON.stringify(name)}.`);
  return drive;
}

async function call(
  connection: McpServer,
  tool: string,
  args: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { result } = await connection.callTool(tool, args);
  if (result.isError === true) throw new Error(`${tool} failed: ${JSON.stringify(result.content)}`);
}

async function callEveryTool(connection: McpServer): Promise<void> {
  for (const { name, inputSchema } of await connection.listTools())
    await call(connection, name, sampleArguments(inputSchema));
}

async function useEverything(connection: McpServer): Promise<void> {
  await callEveryTool(connection);
  for (const { uri } of await connection.listResources()) await connection.readResource(uri);
  for (const { name } of await connection.listPrompts()) await connection.getPrompt(name);
}

/** Whole, but for one that is not what was promised: of that, no further file is read. */
async function loadEverySkill(connection: McpServer): Promise<void> {
  for (const skill of await connection.listSkills()) {
    try {
      await connection.readSkill(skill);
    } catch (error) {
      if (isSluiceError(error) && error.code === 'verification-failed') continue;
      throw error;
    }
    const files = skill.resources === 'dynamic' ? [] : skill.resources;
    for (const { uri } of files) if (uri !== skill.uri) await connection.readSkill(skill, { file: uri });
  }
}
