import { readFile } from 'node:fs/promises';
import type { BuildOptions, Plugin } from 'esbuild';

// The extension is three bundles, so that activation loads neither undici nor the demo nor schema code:
//   dist/extension.cjs  activation, commands, settings
//   dist/core.cjs       connections; loaded when the first server is used
//   dist/demo.cjs       the embedded demo server; loaded by its command
// and a thread, dist/schemaWorker.cjs, which core starts for the first schema that takes a while to check.

/** The extension's bundle reaches the two others with `import('./core/index.ts')`, which must stay an import. */
const lazyBundles: Plugin = {
  name: 'lazy-bundles',
  setup(setup) {
    setup.onResolve({ filter: /\/(core|demo)\/index\.ts$/ }, (found) =>
      found.kind === 'dynamic-import'
        ? { path: found.path.endsWith('core/index.ts') ? './core.cjs' : './demo.cjs', external: true }
        : undefined,
    );
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
    legalComments: 'none',
  };
  return [
    {
      ...common,
      entryPoints: { extension: 'src/extension.ts' },
      external: ['vscode'],
      plugins: [lazyBundles, oneVscode],
    },
    // `vscode` is NOT external here: that these bundle at all proves that core/ and demo/ never import it.
    {
      ...common,
      entryPoints: {
        core: 'src/core/index.ts',
        schemaWorker: 'src/core/mcp/schemaWorker.ts',
        demo: 'src/demo/index.ts',
      },
      // Where a bundle is, as CommonJS says it.
      define: { 'import.meta.filename': '__filename' },
    },
  ];
}
