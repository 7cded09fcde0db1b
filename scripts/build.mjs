// node scripts/build.mjs [--production]
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { bundles } from './bundles.ts';
import { root } from './host/paths.ts';
import { noticesFile, thirdPartyNotices } from './notices.ts';

const built = await Promise.all(
  bundles({ production: process.argv.includes('--production') }).map((options) =>
    build({ ...options, metafile: true }),
  ),
);
const metafiles = built.map(({ metafile }) => metafile);
await writeFile(path.join(root, noticesFile), thirdPartyNotices(metafiles, root));
