import { setUpAndRun } from './setup.mjs';

process.exitCode = await setUpAndRun('test/suites.ts', process.argv.slice(2));
