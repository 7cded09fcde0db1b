import { runPinned } from './host/pinnedNode.mjs';
import { setUp } from './setup.mjs';

await setUp();
process.exitCode = await runPinned('test/bench/bench.ts', process.argv.slice(2));
