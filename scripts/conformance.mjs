import { runPinned } from './host/pinnedNode.mjs';
import { setUp } from './setup.mjs';

await setUp();
process.exitCode = await runPinned('scripts/conformance.ts', process.argv.slice(2));
