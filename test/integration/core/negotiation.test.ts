import { describe, expect, it } from 'vitest';
import { startLab } from '../../lab/lab.ts';
import { connectTo, failureOf } from './connectTo.ts';

const methods = (lab: { received: readonly { message?: unknown }[] }) =>
  lab.received.map(({ message }) => (message as { method?: string } | undefined)?.method);

describe('the revision of a server', () => {
  it('that is modern is found with one request', async () => {
    await using lab = await startLab({ era: 'modern' });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: '2026-07-28', era: 'modern' });
    expect(methods(lab)).toEqual(['server/discover']);
  });

  it.each(['sdk-1', '404-empty', '405', '200-method-not-found', '500', '404-html'] as const)(
    'that is legacy is found, though it answers a modern request with %s',
    async (toModern) => {
      await using lab = await startLab({ era: 'legacy', toModern });
      await using client = connectTo(lab.url);
      expect(await client.connection.connect()).toMatchObject({
        protocolVersion: '2025-11-25',
        era: 'legacy',
      });
      expect(methods(lab)).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
    },
  );

  it('that is legacy and stays silent is found when the time is up', async () => {
    await using lab = await startLab({ era: 'legacy', toModern: 'silence' });
    await using client = connectTo(lab.url, { requestTimeout: 100 });
    expect(await client.connection.connect()).toMatchObject({ era: 'legacy' });
  });

  it.each(['2025-06-18', '2025-03-26'])('is the older one that the server offers: %s', async (version) => {
    await using lab = await startLab({ era: 'legacy', versions: { legacy: [version] } });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: version });
    await client.connection.listTools();
    expect(lab.received.at(-1)?.headers['mcp-protocol-version']).toBe(
      version === '2025-03-26' ? undefined : version,
    );
  });

  it('that speaks both eras is taken at its newest', async () => {
    await using lab = await startLab({ era: 'dual' });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ era: 'modern' });
  });

  it('can be pinned, and then nothing else is tried', async () => {
    await using lab = await startLab({ era: 'dual' });
    await using client = connectTo(lab.url, { protocol: '2025-06-18' });
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: '2025-06-18' });
    expect(methods(lab)[0]).toBe('initialize');
  });

  it('that was pinned and is not spoken is told, with what to change', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url, { protocol: '2026-07-28' });
    expect((await failureOf(client.connection.connect())).hint).toContain('"auto"');
  });

  it('that Sluice does not speak is told, and not fallen back from', async () => {
    await using lab = await startLab({ era: 'modern', versions: { modern: ['2030-01-01'] } });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.connect())).toMatchObject({
      code: 'protocol-unsupported',
      message: expect.stringContaining('2030-01-01'),
    });
  });

  it('is remembered: a legacy server is not asked as a modern one again', async () => {
    await using lab = await startLab({ era: 'legacy' });
    const memory: { version: string | undefined } = { version: undefined };
    const remembering = {
      recallProtocol: () => memory.version,
      rememberProtocol: (version: string | undefined) => {
        memory.version = version;
      },
    };
    await using first = connectTo(lab.url, {}, remembering);
    await first.connection.connect();
    const before = lab.received.length;
    await using second = connectTo(lab.url, {}, remembering);
    await second.connection.connect();
    expect(methods({ received: lab.received.slice(before) })).toEqual([
      'initialize',
      'notifications/initialized',
    ]);
  });

  it('that was remembered wrongly is found anew', async () => {
    await using lab = await startLab({ era: 'modern' });
    await using client = connectTo(lab.url, {}, { recallProtocol: () => '2025-11-25' });
    expect(await client.connection.connect()).toMatchObject({ era: 'modern' });
  });
});
