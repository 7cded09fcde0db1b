import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { BENCHMARK_COMMANDS } from '../../../src/ui/benchmark/benchmarkHtml.ts';
import { COMMAND_NAMES } from '../../../src/ui/commandNames.ts';
import { LATENCY_COMMANDS } from '../../../src/ui/latency/latencyMarkdown.ts';
import { PAGE_COMMANDS } from '../../../src/ui/result/resultHtml.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const ui = resolve(ROOT, 'src/ui');
const sources = readdirSync(ui, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(resolve(ui, file), 'utf8'))
  .join('\n');
const { commands, menus, keybindings, walkthroughs } = manifest.contributes;
const PANELS = ['sluice.result', 'sluice.benchmarkReport'];
const contributed = commands.map(({ command }) => command);

describe('package.json', () => {
  it('contributes the commands that are registered, under one category', () => {
    const registered = COMMAND_NAMES.map((name) => `sluice.${name}`);
    expect([...contributed].sort()).toEqual(registered.sort());
    expect(new Set(commands.map(({ category }) => category))).toEqual(new Set(['Sluice']));
  });

  it('knows every command that a page, a menu, a key or a walkthrough runs', () => {
    const run = [
      ...PAGE_COMMANDS,
      ...LATENCY_COMMANDS,
      ...BENCHMARK_COMMANDS,
      ...menus['editor/title'].map(({ command }) => command),
      ...menus.commandPalette.map(({ command }) => command),
      ...keybindings.map(({ command }) => command),
      ...[...JSON.stringify(walkthroughs).matchAll(/command:([\w.]+)/g)].map(([, command]) => command),
    ];
    expect(run.filter((command) => !contributed.includes(command ?? ''))).toEqual([]);
  });

  it('hides commands by context keys that are set, and by no other', () => {
    const told = new Set([...sources.matchAll(/#tell\(\s*'(\w+)'/g)].map(([, key]) => key));
    const asked = [...JSON.stringify(menus).matchAll(/sluice\.(\w+)/g)]
      .map(([whole, key]) => ({ whole, key }))
      .filter(({ whole }) => !contributed.includes(whole) && !PANELS.includes(whole));
    expect(asked.filter(({ key }) => !told.has(key)).map(({ whole }) => whole)).toEqual([]);
  });

  it('has the pictures and texts that it names', () => {
    const files = [
      manifest.icon,
      ...walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown)),
    ];
    for (const file of files) expect(() => readFileSync(resolve(ROOT, file))).not.toThrow();
  });
});
