import { spawn } from 'node:child_process';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from '../../scripts/host/paths.ts';
import type { Check, Evidence } from './verdict.ts';

/** `client`: the suite serves, and runs a command as the client. `server`: the suite is the client of a URL. */
export type Role = 'client' | 'server';

export interface Scenario {
  readonly role: Role;
  readonly name: string;
  /** That it applies to. Empty for what belongs to an extension, which has no place on that line. */
  readonly revisions: readonly string[];
}

/** The command that is run as the client, or the URL of the server. */
export type Subject = { readonly command: string } | { readonly url: string };

const CLI = path.join(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
/** Longer than the suite's own, so that it is the suite that tells. */
const SUITE_TIMEOUT_MS = 30_000;
const TIMEOUT_MS = 60_000;

/** The scenarios that the installed suite has. */
export async function scenariosOf(role: Role): Promise<readonly Scenario[]> {
  const { output } = await cli(['list', `--${role}`]);
  const found = [...output.matchAll(/^ {2}- (\S+) \[([^\]]+)\]$/gm)].map(([, name = '', revisions = '']) => ({
    role,
    name,
    revisions: revisions === 'extension' ? [] : revisions.split(','),
  }));
  if (found.length === 0) throw new Error(`The suite lists no ${role} scenarios:\n${output}`);
  return found;
}

/** Runs one scenario by itself; at its default revision where none is given. */
export async function runScenario(
  { role, name }: Scenario,
  revision: string | undefined,
  subject: Subject,
): Promise<Evidence> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-conformance-'));
  try {
    const { exitCode, output } = await cli([
      role,
      ...('url' in subject ? ['--url', subject.url] : ['--command', subject.command]),
      ...['--scenario', name, '--timeout', String(SUITE_TIMEOUT_MS), '--output-dir', directory],
      ...(revision === undefined ? [] : ['--spec-version', revision]),
    ]);
    return { exitCode, output, checks: await checksIn(directory) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function checksIn(directory: string): Promise<readonly Check[] | undefined> {
  for await (const file of glob('**/checks.json', { cwd: directory }))
    return JSON.parse(await readFile(path.join(directory, file), 'utf8')) as Check[];
  return undefined;
}

function cli(args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  const child = spawn(process.execPath, ['--no-deprecation', CLI, ...args], { timeout: TIMEOUT_MS });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output: stripVTControlCharacters(output) }));
  });
}
