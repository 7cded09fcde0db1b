import { appendFileSync } from 'node:fs';
import { faultsOf, nonceTools } from './faults.ts';
import type { KillableOptions } from './killableLab.ts';
import { startLab } from './lab.ts';

const { port, seed, log } = JSON.parse(process.argv[2] ?? '') as KillableOptions;
const { mode, onAccept } = faultsOf('1.1', seed);
const tools = nonceTools((nonce) => appendFileSync(log, `${nonce}\n`));
const lab = await startLab({ era: 'legacy', record: false, port, mode, onAccept, tools });
process.send?.(lab.url);
// The process that asked for it is gone.
process.once('disconnect', () => process.exit());
