import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { root } from './host/paths.ts';

/** A file's path in the project, as esbuild writes it. */
export function sourceAt(directory: string, specifier: string): string {
  return path.relative(root, path.join(directory, specifier)).replaceAll('\\', '/');
}

interface Modules {
  /** All that are in the whole. */
  readonly inWhole: ReadonlySet<string>;
  /** Those of them that a part imports. */
  readonly given: readonly string[];
}

/**
 * Bundles that have no module twice: a whole, which exports what its parts have in common with it, each module by its path, and the
 * parts, which `require` it. They are only ever loaded after it, or load it.
 * @param whole the name of its bundle, and its source
 * @param parts likewise
 */
export function sharedModules(
  options: BuildOptions,
  whole: Readonly<Record<string, string>>,
  parts: Readonly<Record<string, string>>,
): { readonly gives: Plugin; readonly takes: Plugin } {
  const [[bundle, source] = ['', '']] = Object.entries(whole);
  let looking: Promise<Modules> | undefined;
  const modules = () => {
    looking ??= findModules(options, bundle, { ...whole, ...parts });
    return looking;
  };
  const gives: Plugin = {
    name: 'gives-modules',
    async setup(setup) {
      const { given } = await modules();
      setup.onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path: file }) => {
        if (sourceAt(file, '.') !== source) return undefined;
        const folder = path.posix.dirname(source);
        const exports = given.map(
          (module) => `export * as '${module}' from './${path.posix.relative(folder, module)}';`,
        );
        return { contents: [await readFile(file, 'utf8'), ...exports].join('\n'), loader: 'ts' };
      });
    },
  };
  const takes: Plugin = {
    name: 'takes-modules',
    async setup(setup) {
      const { inWhole } = await modules();
      setup.onResolve({ filter: /^\./ }, ({ kind, path: specifier, resolveDir, namespace }) => {
        if (namespace === bundle) return { path: specifier, external: true };
        const file = sourceAt(resolveDir, specifier);
        return kind === 'import-statement' && inWhole.has(file)
          ? { path: file, namespace: bundle }
          : undefined;
      });
      setup.onLoad({ filter: /./, namespace: bundle }, ({ path: file }) => ({
        contents: `module.exports = require('./${bundle}.cjs')['${file}'];`,
      }));
    },
  };
  return { gives, takes };
}

async function findModules(
  options: BuildOptions,
  whole: string,
  entryPoints: Readonly<Record<string, string>>,
): Promise<Modules> {
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints,
    minify: false,
    sourcemap: false,
    metafile: true,
    write: false,
  });
  const inputsOf = (bundle: string) => Object.keys(metafile.outputs[`dist/${bundle}.cjs`]?.inputs ?? {});
  const inWhole = new Set(inputsOf(whole));
  const given = Object.keys(entryPoints)
    .flatMap(inputsOf)
    .filter((file) => !inWhole.has(file))
    .flatMap((file) => metafile.inputs[file]?.imports.map(({ path: imported }) => imported) ?? [])
    .filter((file) => inWhole.has(file));
  return { inWhole, given: [...new Set(given)].sort() };
}
