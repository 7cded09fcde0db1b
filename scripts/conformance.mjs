import { setUpAndRun } from './setup.mjs';

process.exitCode = await setUpAndRun('scripts/conformance.ts', process.argv.slice(2));
