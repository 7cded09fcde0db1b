import { resolve } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundles } from '../../scripts/bundles.ts';

/** Inputs of each bundle by its name, and what the extension's one imports from outside. */
const inputs = new Map<string, string[]>();
let outside: { path: string; kind: string }[] = [];
/** Of the extension's bundle, in bytes. */
let size = 0;

beforeAll(async () => {
  const absWorkingDir = resolve(import.meta.dirname, '../..');
  for (const options of bundles({ production: true })) {
    // Each `import()` is told of as the one that it is in the sources.
    const supported = { 'dynamic-import': true };
    const { metafile } = await build({ ...options, supported, absWorkingDir, metafile: true, write: false });
    for (const [file, output] of Object.entries(metafile?.outputs ?? {})) {
      inputs.set(file, Object.keys(output.inputs));
      if (!file.endsWith('extension.cjs')) continue;
      outside = output.imports.map(({ path, kind }) => ({ path, kind }));
      size = output.bytes;
    }
  }
}, 60_000);

describe('what activation loads', () => {
  it('is of node_modules nothing that speaks HTTP, reads SSE, checks schemas or serves', () => {
    const heavy =
      /node_modules\/(undici|eventsource-parser|js-yaml|@cfworker|@modelcontextprotocol|zod|ajv)\//;
    expect(inputs.get('dist/extension.cjs')?.filter((input) => heavy.test(input))).toEqual([]);
  });

  it('is no more than what shows the state: what commands do and show is loaded by the first of them', () => {
    const ours = inputs.get('dist/extension.cjs')?.filter((input) => input.startsWith('src/ui/')) ?? [];
    const rooms = new Set(ours.flatMap((input) => /^src\/ui\/(\w+)\//.exec(input)?.[1] ?? []));
    expect([...rooms].sort()).toEqual([
      'api',
      'arguments',
      'consent',
      'history',
      'latency',
      'pages',
      'servers',
      'settings',
      'surfaces',
      'text',
    ]);
    expect(size).toBeLessThan(100_000);
  });

  it('reaches the other bundles by a dynamic import only', () => {
    const bundled = outside.filter(({ path }) => path.startsWith('./'));
    expect(bundled.map(({ path }) => path).sort()).toEqual([
      './askConsent.cjs',
      './commands.cjs',
      './demo.cjs',
      './settingsPlace.cjs',
    ]);
    expect(bundled.every(({ kind }) => kind === 'dynamic-import')).toBe(true);
  });

  it('is of the rooms of core/ no more than what checks settings, names errors and bounds work', () => {
    const inCore = inputs.get('dist/extension.cjs')?.filter((input) => input.startsWith('src/core/')) ?? [];
    expect(inCore.filter((input) => !input.startsWith('src/core/config/')).sort()).toEqual([
      'src/core/budget.ts',
      'src/core/errors.ts',
      'src/core/jsonrpc/exactJson.ts',
    ]);
  });
});

/** The bundles of core/: what is loaded with it, and what it loads when it is used. */
const OF_CORE = [
  'core',
  'http1',
  'http2',
  'tls',
  'socks',
  'httpSse',
  'toolSchema',
  'skills',
  'benchmark',
  'diagnosis',
];
const inputsOf = (bundle: string) => inputs.get(`dist/${bundle}.cjs`) ?? [];

describe('the bundles of core/', () => {
  it('have undici without its main entry, which claims the global dispatcher', () => {
    const undici = OF_CORE.flatMap(inputsOf).filter((input) => input.includes('node_modules/undici/'));
    expect(undici.some((input) => input.endsWith('lib/dispatcher/client.js'))).toBe(true);
    expect(undici.filter((input) => /undici\/(index|lib\/global)\.js$/.test(input))).toEqual([]);
  });

  it('have of undici what speaks HTTP/1.1, in a bundle of its own', () => {
    const rooms = inputsOf('http1').flatMap((input) => /undici\/lib\/(.*)\//.exec(input)?.[1] ?? []);
    expect([...new Set(rooms)].sort()).toEqual(['core', 'dispatcher', 'llhttp', 'util']);
    expect(
      inputsOf('http1').filter((input) => /^node_modules.*\/(client-h2|parser-h1)\.js$/.test(input)),
    ).toEqual([]);
    const others = OF_CORE.filter((bundle) => bundle !== 'http1').flatMap(inputsOf);
    expect(others.filter((input) => input.includes('node_modules/undici/'))).toEqual([]);
  });

  it('load with core.cjs nothing that is used by few: each has a bundle of its own', () => {
    const seldom =
      /^src\/core\/(benchmark|diagnosis)\/|^node_modules\/(@cfworker|js-yaml)\/|\/(http1Connection|http2Connection|http2Stream|socks|httpSse|skills|toolSchema|tlsClient|tlsHandshake)\.ts$/;
    expect(inputsOf('core').filter((input) => seldom.test(input))).toEqual([]);
    expect(
      OF_CORE.filter((bundle) => bundle !== 'core' && !inputsOf(bundle).some((input) => seldom.test(input))),
    ).toEqual([]);
  });

  it('hold each module once: its state and its classes are not there twice', () => {
    const ours = OF_CORE.flatMap(inputsOf).filter((input) => !input.includes(':'));
    expect(ours.filter((input, place) => ours.indexOf(input) !== place)).toEqual([]);
    expect(ours).toContain('src/core/errors.ts');
  });
});
