import { expect, it } from 'vitest';
import type { Scenario } from '../../conformance/officialSuite.ts';
import { type Row, resultTables } from '../../conformance/resultTable.ts';
import type { Verdict } from '../../conformance/verdict.ts';

const scenario = (role: Scenario['role'], name: string): Scenario => ({ role, name, revisions: [] });
const row = (of: Scenario, revision: string | undefined, verdict: Verdict): Row => ({
  scenario: of,
  revision,
  verdict,
});
const passed = (checks: number): Verdict => ({ kind: 'passed', checks });

it('the table of a role has its scenarios down and the revisions across', () => {
  const tools = scenario('client', 'tools_call');
  const auth = scenario('client', 'auth/basic');
  const ping = scenario('server', 'ping');
  const rows = [
    row(tools, undefined, passed(2)),
    row(tools, '2026-07-28', { kind: 'failed', reasons: ['x'] }),
    row(tools, '2025-11-25', passed(12)),
    row(auth, undefined, { kind: 'expected' }),
    row(ping, undefined, passed(1)),
  ];
  expect(resultTables(rows)).toBe(`core/ as the client  default  2025-11-25  2026-07-28
tools_call                 2          12      FAILED
auth/basic           to come           -           -

the demo as the server  default
ping                          1`);
});
