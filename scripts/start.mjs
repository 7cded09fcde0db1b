import { setUpAndRun } from './setup.mjs';

process.exitCode = await setUpAndRun('scripts/host/start.ts', process.argv.slice(2));
