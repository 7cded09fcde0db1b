import { readFile } from 'node:fs/promises';
import type { BuildOptions, Plugin } from 'esbuild';
import { root } from './host/paths.ts';
import { sharedModules, sourceAt } from './sharedModules.ts';

// Activation loads dist/extension.cjs alone: what is there before a command is run. Each `import()` of its sources is a bundle of its own:
//   dist/commands.cjs       what commands do and show
//   dist/core.cjs           connections; loaded when the first server is used
//   dist/demo.cjs           the embedded demo server
//   dist/askConsent.cjs     the question before a server of the workspace
//   dist/settingsPlace.cjs  where in a settings file a problem is
// and a thread, dist/schemaWorker.cjs, which core starts for the first schema that takes a while to check.
const lazy = {
  commands: 'src/ui/commands.ts',
  askConsent: 'src/ui/consent/askConsent.ts',
  settingsPlace: 'src/ui/settings/settingsPlace.ts',
  core: 'src/core/index.ts',
  demo: 'src/demo/index.ts',
};

/** What core/ loads when it is used. These bundles take from core.cjs each module that is in there: none is twice. */
const parts = {
  http1: 'src/core/http/http1Connection.ts',
  http2: 'src/core/http/http2Connection.ts',
  tls: 'src/core/http/tlsClient.ts',
  socks: 'src/core/http/socks.ts',
  httpSse: 'src/core/transport/httpSse.ts',
  toolSchema: 'src/core/mcp/toolSchema.ts',
  skills: 'src/core/mcp/skills.ts',
  benchmark: 'src/core/benchmark/runBenchmark.ts',
  diagnosis: 'src/core/diagnosis/runDiagnosis.ts',
};

/** An `import()` stays one, of the file's bundle. */
const lazyBundles: Plugin = {
  name: 'lazy-bundles',
  setup(setup) {
    setup.onResolve({ filter: /^\./ }, ({ kind, path: specifier, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const file = sourceAt(resolveDir, specifier);
      const bundle = Object.entries({ ...lazy, ...parts }).find(([, source]) => source === file)?.[0];
      if (bundle === undefined) throw new Error(`${file} is imported lazily, but is no bundle of its own.`);
      return { path: `./${bundle}.cjs`, external: true };
    });
  },
};

/**
 * Each `import * as vscode` would become a copy of the whole API's members, one a file: more than half of the time that
 * loading the extension takes. The API object itself is what is meant.
 */
const oneVscode: Plugin = {
  name: 'one-vscode',
  setup(setup) {
    setup.onLoad({ filter: /\/src\/ui\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace("import * as vscode from 'vscode';", "const vscode = require('vscode');");
      return { contents, loader: 'ts' };
    });
  },
};

/** undici only speaks HTTP/1.1, and is given bytes: the rest of it is left out, and throws if it is called all the same. */
const http1Alone: Plugin = {
  name: 'http1-alone',
  setup(setup) {
    setup.onResolve({ filter: /^\.\.?\/(client-h2\.js$|web\/)/ }, ({ path: specifier, resolveDir }) =>
      /[\\/]node_modules[\\/]undici[\\/]/.test(resolveDir)
        ? { path: specifier, namespace: 'left-out' }
        : undefined,
    );
    setup.onLoad({ filter: /./, namespace: 'left-out' }, ({ path: specifier }) => {
      const message = JSON.stringify(`${specifier} of undici is left out of this bundle`);
      return { contents: `module.exports = () => { throw new Error(${message}); };` };
    });
  },
};

function common(production: boolean): BuildOptions {
  return {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    minify: production,
    sourcemap: production ? false : 'linked',
    logLevel: 'warning',
    // Their authors marked them as to be kept, some for single functions that no licence's file speaks of.
    legalComments: 'eof',
    // Where a bundle is, as CommonJS says it.
    define: { 'import.meta.filename': '__filename' },
  };
}

export function bundles({ production }: { readonly production: boolean }): BuildOptions[] {
  const { commands, askConsent, settingsPlace, core, demo } = lazy;
  const all: BuildOptions = {
    ...common(production),
    // An `import()` becomes a `require`: Node's own would first look through the bundle for the names of its exports.
    supported: { 'dynamic-import': false },
  };
  const ofCore: BuildOptions = {
    ...all,
    // undici's own word for a bundle without its second parser, an experiment that is off.
    define: { ...all.define, esbuildDetection: 'true' },
  };
  const plugins = [lazyBundles, http1Alone];
  const { gives, takes } = sharedModules({ ...ofCore, plugins }, { core }, parts);
  return [
    {
      ...all,
      entryPoints: { extension: 'src/extension.ts', commands, askConsent, settingsPlace },
      external: ['vscode'],
      plugins: [lazyBundles, oneVscode],
    },
    // `vscode` is NOT external here: that these bundle at all proves that core/ and demo/ never import it.
    {
      ...ofCore,
      entryPoints: { core, demo, schemaWorker: 'src/core/mcp/schemaWorker.ts' },
      plugins: [...plugins, gives],
    },
    { ...ofCore, entryPoints: parts, plugins: [...plugins, takes] },
  ];
}

/** All of core/ in one bundle, with all of undici, as it was before its parts had bundles of their own. The bench compares. */
export function coreInOnePiece(): BuildOptions {
  const { outdir: _, outExtension: __, ...options } = common(true);
  const everything = Object.values(parts).map((file) => `import './${file}';`);
  const contents = [`export * from './${lazy.core}';`, ...everything].join('\n');
  return { ...options, stdin: { contents, resolveDir: root } };
}
