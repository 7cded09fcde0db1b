import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

describe('the bundle of the demo server', () => {
  let inputs: string[];
  let imports: string[];
  let bytes: number;

  beforeAll(async () => {
    const { metafile, outputFiles } = await build({
      entryPoints: ['src/demo/index.ts'],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node22',
      minify: true,
      write: false,
      metafile: true,
    });
    inputs = Object.keys(metafile.inputs);
    imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    bytes = outputFiles[0]?.contents.length ?? 0;
  });

  it('brings neither the editor nor the HTTP client of the core', () => {
    expect(inputs.filter((path) => /node_modules\/(undici|vscode)\/|src\/(core|ui)\//.test(path))).toEqual(
      [],
    );
    expect(imports.filter((path) => !path.startsWith('node:'))).toEqual([]);
  });

  it('stays well below the size that a VSIX may have', () => {
    expect(bytes).toBeLessThan(800_000);
  });
});
