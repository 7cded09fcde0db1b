// Builds the extension: three bundles, so that activation loads neither undici nor the demo nor schema code.
//   dist/extension.cjs  activation, commands, settings
//   dist/core.cjs       connections; loaded at the first server that is used
//   dist/demo.cjs       the embedded demo server; loaded by its command
import { build } from 'esbuild';

const production = process.argv.includes('--production');

/** The extension's bundle reaches the two others with `import('./core/index.ts')`, which must stay an import. */
const lazyBundles = {
  name: 'lazy-bundles',
  setup(setup) {
    setup.onResolve({ filter: /\/(core|demo)\/index\.ts$/ }, (found) =>
      found.kind === 'dynamic-import'
        ? { path: found.path.endsWith('core/index.ts') ? './core.cjs' : './demo.cjs', external: true }
        : undefined,
    );
  },
};

/** @type {import('esbuild').BuildOptions} */
const common = {
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

await Promise.all([
  build({
    ...common,
    entryPoints: { extension: 'src/extension.ts' },
    external: ['vscode'],
    plugins: [lazyBundles],
  }),
  // `vscode` is NOT external here: that these bundle at all proves that core/ and demo/ never import it.
  build({ ...common, entryPoints: { core: 'src/core/index.ts', demo: 'src/demo/index.ts' } }),
]);
