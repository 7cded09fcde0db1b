import { runPinned } from './host/pinnedNode.mjs';
import { setUp } from './setup.mjs';

await setUp();
process.exitCode = await runPinned('scripts/suites.ts', process.argv.slice(2));
