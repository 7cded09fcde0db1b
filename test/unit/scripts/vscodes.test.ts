import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { oldestSupported } from '../../../scripts/host/manifest.ts';
import { root } from '../../../scripts/host/paths.ts';
import { sources } from '../../../scripts/host/serverBuild.ts';
import { chosenReleases } from '../../host/runner/chooseHost.ts';

const minor = (version: string) => version.replace(/\.\d+$/, '');

describe('the VS Codes that the tests run in', () => {
  it('are the oldest that package.json promises, and one that is newer', () => {
    expect(minor(sources.minimum.vscode)).toBe(minor(oldestSupported()));
    expect(Number(sources.newest.vscode.split('.')[1])).toBeGreaterThan(
      Number(sources.minimum.vscode.split('.')[1]),
    );
  });

  it('have no newer API than the types that the sources are checked with', () => {
    const lock = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
    const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> };
    expect(minor(packages['node_modules/@types/vscode']?.version ?? '')).toBe(minor(oldestSupported()));
  });

  it('are chosen by name, both without one', () => {
    expect(chosenReleases('minimum')).toEqual(['minimum']);
    expect(chosenReleases('newest')).toEqual(['newest']);
    expect(chosenReleases(undefined)).toEqual(['minimum', 'newest']);
    expect(() => chosenReleases('1.99')).toThrow('The VS Code is minimum or newest, not 1.99.');
  });
});
