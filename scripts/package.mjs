import { setUpAndRun } from './setup.mjs';

process.exitCode = await setUpAndRun('scripts/host/packageVsix.ts', process.argv.slice(2));
