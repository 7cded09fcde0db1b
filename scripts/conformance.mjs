import { setUpAndRun } from './setup.mjs';

process.exitCode = await setUpAndRun('test/conformance/runConformance.ts', process.argv.slice(2));
