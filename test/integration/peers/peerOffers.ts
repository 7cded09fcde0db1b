/** What the SDK peers with more than tools offer: the same for both majors of the SDK. */
export const peerResources = [
  { uri: 'peer://text', name: 'text', title: 'A text', mimeType: 'text/plain' },
  { uri: 'peer://bytes', name: 'bytes', mimeType: 'application/octet-stream' },
];
export const peerTemplates = [{ uriTemplate: 'peer://files/{path}', name: 'files' }];
export const peerPrompts = [{ name: 'review', arguments: [{ name: 'language', required: true }] }];
export const peerTools = [
  {
    name: 'ask-all',
    description: 'Asks a model and for the roots.',
    inputSchema: { type: 'object' as const },
  },
  { name: 'chatty', description: 'Logs once.', inputSchema: { type: 'object' as const } },
];

export const SAMPLING = {
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'Capital of France?' } }],
  maxTokens: 9,
};

export function readPeer(uri: string) {
  return uri === 'peer://bytes'
    ? { contents: [{ uri, blob: 'AAEC' }] }
    : { contents: [{ uri, text: 'Hello' }] };
}

export function promptOf(args: Readonly<Record<string, string>> | undefined) {
  const text = `Review this ${args?.['language']} code.`;
  return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] };
}

export function suggestions(typed: string) {
  return { completion: { values: ['perl', 'php', 'python'].filter((one) => one.startsWith(typed)) } };
}

export function said(value: unknown) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(value) }] };
}
