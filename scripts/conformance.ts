// npm run conformance: the official suite, with core/ as the client and the demo as the server.
//   npm run conformance -- [part of a scenario's name]
import { runConformance } from '../test/conformance/runConformance.ts';
import { program, say } from './host/progress.ts';

await program(async () => {
  const { passed, failed, failures } = await runConformance({ only: process.argv[2] ?? '' });
  for (const failure of failures) say(`\n${failure}`);
  say(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
});
