import type { ProtocolChoice } from '../../../src/core/config/serverConfig.ts';
import type { ServerInfo } from '../../../src/core/mcp/serverInfo.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import { connectTo } from './connectTo.ts';

export const ROOTS = [{ uri: 'file:///home/ada/project', name: 'project' }];
export const PARIS = { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'test' } as const;

/** A client that can do all that a server may ask, and notes what it is told unasked. */
export function ableClient(url: string, protocol: ProtocolChoice = 'auto') {
  const told: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (what: string) => {
    told.push(what);
    for (const look of waiting) look();
  };
  const callbacks: Partial<ServerCallbacks> = {
    onElicit: async ({ mode }) =>
      mode === 'url' ? { action: 'accept' } : { action: 'accept', content: { name: 'Ada' } },
    onSample: async () => PARIS,
    sampleTools: true,
    roots: () => ROOTS,
    onToolsChanged: () => tell('tools'),
    onPromptsChanged: () => tell('prompts'),
    onResourcesChanged: () => tell('resources'),
    onResourceUpdated: (uri) => tell(uri),
    onElicitationComplete: () => tell('elicitation complete'),
    onLog: ({ level, data }) => tell(`${level} ${JSON.stringify(data)}`),
  };
  /** Resolves when it was told what fits, from the first time on. */
  const until = (fits: (what: string) => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (told.some(fits)) resolve();
      };
      waiting.add(look);
      look();
    });
  return { ...connectTo(url, { protocol }, callbacks), told, until };
}

export type AbleClient = ReturnType<typeof ableClient>;

/** Those features of a list that a server must declare, and does. */
export function declared({ capabilities }: ServerInfo): string[] {
  const has = (path: string) =>
    path
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], capabilities);
  const members = {
    tools: 'tools',
    'tools changed': 'tools.listChanged',
    resources: 'resources',
    'resources changed': 'resources.listChanged',
    subscriptions: 'resources.subscribe',
    prompts: 'prompts',
    'prompts changed': 'prompts.listChanged',
    completion: 'completions',
    logging: 'logging',
    tasks: 'tasks',
    'list of tasks': 'tasks.list',
    'cancelling tasks': 'tasks.cancel',
  };
  return Object.entries(members).flatMap(([feature, path]) => (has(path) === undefined ? [] : [feature]));
}
