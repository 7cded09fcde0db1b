/** Who takes part. `sluice-traced` is Sluice with every byte traced; `parse-alone` has the bytes in memory already. */
export const clientNames = [
  'sluice',
  'sluice-traced',
  'sdk-2',
  'sdk-1',
  'keep-alive',
  'fresh',
  'parse-alone',
] as const;
export type ClientName = (typeof clientNames)[number];

export interface Target {
  readonly url: string;
  /** Path and text of the CA's certificate; absent without TLS. */
  readonly ca: { readonly file: string; readonly pem: string } | undefined;
  /** Sockets that a bare client may have: 1 for calls in sequence. The others decide for themselves. */
  readonly sockets: number;
}

/** One client, as its user would use it at its defaults. */
export interface BenchClient {
  /** All that comes before a first call: negotiation, and the list of tools. */
  connect(): Promise<void>;
  /** A user has picked a tool and begins to type its arguments. */
  typing?(): void;
  /** Calls the tool `sized`, and gives the text of the result: `bytes` characters. */
  call(bytes: number): Promise<string>;
  close(): Promise<void>;
}

/** Each client is loaded where it is used only: memory and start-up of the others are no part of its figures. */
export async function createClient(name: ClientName, target: Target): Promise<BenchClient> {
  switch (name) {
    case 'sluice':
      return new (await import('./sluice.ts')).SluiceClient(target, { traced: false });
    case 'sluice-traced':
      return new (await import('./sluice.ts')).SluiceClient(target, { traced: true });
    case 'sdk-2':
      return new (await import('./sdk2.ts')).Sdk2Client(target);
    case 'sdk-1':
      return new (await import('./sdk1.ts')).Sdk1Client(target);
    case 'keep-alive':
      return new (await import('./keepAlive.ts')).KeepAliveClient(target);
    case 'fresh':
      return new (await import('./fresh.ts')).FreshClient(target);
    case 'parse-alone':
      return new (await import('./parseAlone.ts')).ParseAlone(target);
  }
}

/** The text of a result's one content block. */
export function textOf({ content }: { readonly content?: unknown }): string {
  const [block] = (content ?? []) as readonly { readonly text?: string }[];
  if (block?.text === undefined) throw new Error(`not the result of sized: ${JSON.stringify(content)}`);
  return block.text;
}
