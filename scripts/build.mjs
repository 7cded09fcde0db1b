// node scripts/build.mjs [--production]
import { build } from 'esbuild';
import { bundles } from './bundles.ts';

await Promise.all(
  bundles({ production: process.argv.includes('--production') }).map((options) => build(options)),
);
