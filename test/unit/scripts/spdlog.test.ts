import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logger } from '../../../scripts/host/serverBuild.ts';
import { createAsyncRotatingLogger } from '../../../scripts/host/spdlog.ts';

describe('the log files of the VS Code that the tests run in', () => {
  let directory = '';
  let file = '';

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sluice-spdlog-'));
    file = path.join(directory, 'new', 'some.log');
  });
  afterEach(() => rm(directory, { recursive: true }));

  const open = (maxBytes = 1_000_000, maxFiles = 2) =>
    createAsyncRotatingLogger('some', file, maxBytes, maxFiles);
  const text = (name = 'some.log') => readFile(path.join(path.dirname(file), name), 'utf8');

  it('have a line with time and level for each message', async () => {
    const log = await open();
    log.setPattern('%Y-%m-%d %H:%M:%S.%e [%l] %v');
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'critical'] as const) log[level]('said');
    log.flush();
    const lines = (await text()).split('\n');
    const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} /;
    expect(lines.map((line) => line.replace(time, ''))).toEqual([
      '[trace] said',
      '[debug] said',
      '[info] said',
      '[warning] said',
      '[error] said',
      '[critical] said',
      '',
    ]);
  });

  it('have text as it came, where no format is wanted', async () => {
    const log = await open();
    log.clearFormatters();
    log.info('one, ');
    log.info('two\n');
    log.flush();
    expect(await text()).toBe('one, two\n');
  });

  it('leave out what is below the level', async () => {
    const log = await open();
    log.clearFormatters();
    log.setLevel(3);
    log.info('quiet');
    log.warn('loud');
    log.setLevel(6);
    log.critical('off');
    log.flush();
    expect(await text()).toBe('loud');
  });

  it('are written without being asked, before the event loop turns', async () => {
    const log = await open();
    log.clearFormatters();
    log.info('soon');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await text()).toBe('soon');
  });

  it('are moved aside when full, and the oldest goes', async () => {
    const log = await open(10);
    log.clearFormatters();
    for (const part of ['first 10 b', 'second', '3rd', 'fourth', 'fifth and over ten', 'sixth']) {
      log.info(part);
      log.flush();
    }
    expect(await readdir(path.dirname(file))).toEqual(['some.1.log', 'some.2.log', 'some.log']);
    expect(await text()).toBe('sixth');
    expect(await text('some.1.log')).toBe('fifth and over ten');
    expect(await text('some.2.log')).toBe('fourth');
  });

  it('go on where an earlier one ended, and end with drop', async () => {
    const first = await open();
    first.clearFormatters();
    first.info('one ');
    first.drop();
    first.info('lost');
    first.drop();
    const second = await open();
    second.clearFormatters();
    second.info('two');
    second.drop();
    expect(await text()).toBe('one two');
  });

  it('come from a CommonJS file whose members an import names, as VS Code takes them', async () => {
    const built = path.join(directory, 'index.cjs');
    await writeFile(built, await logger());
    // A Node of its own: the one here is vitest's, which is kinder.
    const program = `import(${JSON.stringify(pathToFileURL(built).href)}).then((m) => console.log(Object.keys(m).join()))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
    expect(stdout.trim().split(',')).toEqual(
      expect.arrayContaining(['createAsyncRotatingLogger', 'setFlushOn']),
    );
  });
});
