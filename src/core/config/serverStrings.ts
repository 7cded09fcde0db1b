import type { ServerSettings } from './serverConfig.ts';

/** One string of an entry that may hold variables: where it stands, and what it is for. */
export interface ServerString {
  readonly path: readonly ['url'] | readonly ['headers' | 'tls', string];
  readonly text: string;
  readonly use: 'url' | 'header' | 'file' | 'passphrase' | 'servername';
}

export function serverStrings({ url, headers, tls }: ServerSettings): readonly ServerString[] {
  const strings: ServerString[] = [{ path: ['url'], text: url, use: 'url' }];
  for (const [name, text] of Object.entries(headers)) {
    strings.push({ path: ['headers', name], text, use: 'header' });
  }
  const uses = {
    ca: 'file',
    cert: 'file',
    key: 'file',
    passphrase: 'passphrase',
    servername: 'servername',
  } as const;
  for (const key of ['ca', 'cert', 'key', 'passphrase', 'servername'] as const) {
    const text = tls[key];
    if (text !== undefined) strings.push({ path: ['tls', key], text, use: uses[key] });
  }
  return strings;
}
