import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerConfig } from '../../../src/core/config/serverConfig.ts';
import { readTlsIdentity } from '../../../src/core/servers/tlsIdentity.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-tls-'));
});

afterAll(() => rm(folder, { recursive: true }));

const read = (tls: ServerConfig['tls']) => readTlsIdentity({ tls } as ServerConfig);

describe('a file that "tls" names', () => {
  it.skipIf(process.platform === 'win32').each(['ca', 'cert', 'key'])(
    'is a regular one: no device, which has no end, and no pipe, on which a read may wait for ever: %s',
    async (member) => {
      const pipe = join(folder, `${member}.pipe`);
      execFileSync('mkfifo', [pipe]);
      for (const path of ['/dev/zero', pipe, folder])
        await expect(read({ [member]: path })).rejects.toMatchObject({
          code: 'config-invalid',
          message: `The file of "tls.${member}" cannot be read: ${path} is not a regular file`,
        });
    },
  );

  it('is small: a gigabyte is not read', async () => {
    const path = join(folder, 'large.pem');
    await writeFile(path, '');
    const before = process.memoryUsage.rss();
    for (const bytes of [1024 ** 2 + 1, 1024 ** 3]) {
      await truncate(path, bytes);
      await expect(read({ ca: path })).rejects.toMatchObject({
        code: 'config-invalid',
        message: `The file of "tls.ca" cannot be read: ${path} is larger than 1 MiB`,
      });
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 1024 * 1024);
  });

  it('is there', async () => {
    await expect(read({ ca: join(folder, 'none.pem') })).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('no such file'),
    });
  });
});
