// node loadMain.ts import|require FILE: prints the milliseconds that loading the file takes.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// What VS Code's extension host has loaded before any extension.
for (const name of ['assert', 'crypto', 'fs/promises', 'http', 'http2', 'https', 'net', 'tls', 'zlib'])
  await import(`node:${name}`);

const [how, file = ''] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const start = performance.now();
if (how === 'import') await import(pathToFileURL(file).href);
else require(file);
process.stdout.write(String(performance.now() - start));
