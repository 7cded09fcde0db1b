import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { root } from './host/paths.ts';

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

/** An `import()` stays one, of the file's bundle. */
const lazyBundles: Plugin = {
  name: 'lazy-bundles',
  setup(setup) {
    setup.onResolve({ filter: /^\./ }, ({ kind, path: specifier, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const file = path.relative(root, path.join(resolveDir, specifier));
      const bundle = Object.entries(lazy).find(([, source]) => source === file)?.[0];
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

export function bundles({ production }: { readonly production: boolean }): BuildOptions[] {
  const { commands, askConsent, settingsPlace, core, demo } = lazy;
  const common: BuildOptions = {
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
  };
  return [
    {
      ...common,
      entryPoints: { extension: 'src/extension.ts', commands, askConsent, settingsPlace },
      external: ['vscode'],
      plugins: [lazyBundles, oneVscode],
    },
    // `vscode` is NOT external here: that these bundle at all proves that core/ and demo/ never import it.
    {
      ...common,
      entryPoints: {
        core,
        demo,
        schemaWorker: 'src/core/mcp/schemaWorker.ts',
      },
      // Where a bundle is, as CommonJS says it.
      define: { 'import.meta.filename': '__filename' },
    },
  ];
}
