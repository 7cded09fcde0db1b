import { setUpAndRun } from './setup.mjs';

process.exitCode = await setUpAndRun('scripts/suites.ts', process.argv.slice(2));
