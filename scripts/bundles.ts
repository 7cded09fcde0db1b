import type { BuildOptions, Plugin } from 'esbuild';

// The extension is three bundles, so that activation loads neither undici nor the demo nor schema code:
//   dist/extension.cjs  activation, commands, settings
//   dist/core.cjs       connections; loaded when the first server is used
//   dist/demo.cjs       the embedded demo server; loaded by its command

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
      plugins: [lazyBundles],
    },
    // `vscode` is NOT external here: that these bundle at all proves that core/ and demo/ never import it.
    { ...common, entryPoints: { core: 'src/core/index.ts', demo: 'src/demo/index.ts' } },
  ];
}
