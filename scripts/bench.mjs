import { setUpAndRun } from './setup.mjs';

process.exitCode = await setUpAndRun('test/bench/bench.ts', process.argv.slice(2));
