// The client that the official suite judges: core/ through its public door, and nothing else of this project.
//   MCP_CONFORMANCE_SCENARIO=<name> [MCP_CONFORMANCE_CONTEXT=<JSON>] node driver.cjs <URL>
import { isSluiceError, McpServer, type ServerCallbacks } from '../../src/core/index.ts';
import { type Context, scenarioNamed } from './clientScenarios.ts';
import { lastWords } from './lastWords.ts';

/** The suite's own time-out ends the shell that it started, and leaves this process running. */
const WATCHDOG_MS = 20_000;

const callbacks: ServerCallbacks = {
  traceLevel: () => 'info',
  onTrace: (event) => {
    if (event.kind === 'warning') console.error(`warning: ${event.message}`);
  },
  onState: () => {},
  onActivity: () => {},
  // Nobody is asked: whatever can be left out is left out.
  onElicit: async () => ({ action: 'accept', content: {} }),
  onSample: async () => ({ role: 'assistant', model: 'none', content: { type: 'text', text: 'Yes.' } }),
  skills: true,
  roots: () => [{ uri: 'file:///workspace', name: 'workspace' }],
};

function connectionTo(url: string): McpServer {
  return new McpServer({
    clientInfo: { name: 'sluice-conformance', version: '1.0.0' },
    callbacks,
    config: {
      name: 'suite',
      url,
      headers: {},
      protocol: 'auto',
      requestTimeout: 10_000,
      pool: {
        maxConnections: 4,
        warmConnections: 'auto',
        reuse: 'auto',
        idleTimeout: 60_000,
        queueTimeout: 10_000,
      },
      drain: { timeout: 250, maxBytes: 65_536 },
      http2: 'auto',
      tls: {},
      secrets: [],
    },
  });
}

async function drive(): Promise<void> {
  const { MCP_CONFORMANCE_SCENARIO: name = '', MCP_CONFORMANCE_CONTEXT: context = '{}' } = process.env;
  const url = process.argv.at(-1) ?? '';
  const connection = connectionTo(url);
  try {
    await scenarioNamed(name)(connection, JSON.parse(context) as Context);
  } finally {
    await connection.close();
  }
}

setTimeout(() => {
  console.error(`The driver gave up after ${WATCHDOG_MS} ms.`);
  process.exit(2);
}, WATCHDOG_MS).unref();

drive().catch((error: unknown) => {
  console.error(error);
  if (isSluiceError(error)) console.error(lastWords(error.code));
  process.exitCode = 1;
});
