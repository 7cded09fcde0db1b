import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../../../scripts/host/paths.ts';
import {
  type Machine,
  missingPlatformPackages,
  requirePlatformPackages,
} from '../../../scripts/host/platformPackages.mjs';

interface Package {
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const debian: Machine = { os: 'linux', cpu: 'x64', libc: 'glibc' };
const alpine: Machine = { os: 'linux', cpu: 'x64', libc: 'musl' };
const mac: Machine = { os: 'darwin', cpu: 'arm64', libc: undefined };

describe('the programs that npm packages bring for each platform', () => {
  let directory = '';

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sluice-packages-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const place = (name: string) => `node_modules/${name}`;

  function lock(packages: Readonly<Record<string, Package>>): void {
    const listed = Object.entries(packages).map(([at, parts]) => [at, { version: '1.0.0', ...parts }]);
    writeFileSync(
      path.join(directory, 'package-lock.json'),
      JSON.stringify({ packages: Object.fromEntries(listed) }),
    );
  }

  function install(at: string, manifest: Package = {}): void {
    mkdirSync(path.join(directory, at), { recursive: true });
    writeFileSync(path.join(directory, at, 'package.json'), JSON.stringify(manifest));
  }

  const missing = (machine: Machine) => missingPlatformPackages(directory, 'package-lock.json', machine);

  const platforms = {
    'rg-linux': { os: ['linux'], cpu: ['x64'] },
    'rg-mac': { os: ['darwin'], cpu: ['arm64'] },
  };
  const optionalDependencies = { 'rg-linux': '1.0.0', 'rg-mac': '1.0.0' };

  function lockSearch(): void {
    lock({
      [place('rg')]: { optionalDependencies },
      [place('rg-linux')]: platforms['rg-linux'],
      [place('rg-mac')]: platforms['rg-mac'],
    });
    install(place('rg'));
  }

  it('are missed where npm has left out the one of this machine', () => {
    lockSearch();
    install(place('rg-mac'), platforms['rg-mac']);
    expect(missing(debian)).toEqual(['rg-linux 1.0.0 of rg']);
    expect(missing(mac)).toEqual([]);
  });

  it('are not missed on a machine that the package has none for', () => {
    lockSearch();
    expect(missing({ os: 'linux', cpu: 'riscv64', libc: 'glibc' })).toEqual([]);
  });

  it('are not missed of a package that is not installed itself', () => {
    lockSearch();
    rmSync(path.join(directory, place('rg')), { recursive: true });
    expect(missing(debian)).toEqual([]);
  });

  it('are told apart by their C library where the lock file does not tell it', () => {
    lock({
      [place('watcher')]: { optionalDependencies: { 'watcher-glibc': '1.0.0', 'watcher-musl': '1.0.0' } },
      [place('watcher-glibc')]: { os: ['linux'] },
      [place('watcher-musl')]: { os: ['linux'] },
    });
    install(place('watcher'));
    install(place('watcher-musl'), { os: ['linux'], libc: ['musl'] });
    expect(missing(debian)).toEqual(['watcher-glibc 1.0.0 or watcher-musl 1.0.0 of watcher']);
    expect(missing(alpine)).toEqual([]);
    install(place('watcher-glibc'), { os: ['linux'], libc: ['glibc'] });
    expect(missing(debian)).toEqual([]);
  });

  it('are looked for where Node would: beside the package that needs them, or further up', () => {
    const optional = { optionalDependencies: { 'ffi-linux': '1.0.0' } };
    const nested = place('sdk/node_modules/ffi');
    const beside = place('sdk/node_modules/ffi-linux');
    lock({
      [nested]: optional,
      [beside]: { os: ['linux'] },
      [place('@a/ffi')]: optional,
      [place('ffi-linux')]: { os: ['linux'] },
    });
    install(nested);
    install(place('@a/ffi'));
    expect(missing(debian)).toEqual(['ffi-linux 1.0.0 of ffi', 'ffi-linux 1.0.0 of @a/ffi']);
    install(place('ffi-linux'));
    expect(missing(debian)).toEqual(['ffi-linux 1.0.0 of ffi']);
    install(beside);
    expect(missing(debian)).toEqual([]);
  });

  it('are no package that is optional on every platform', () => {
    lock({ [place('json')]: { optionalDependencies: { 'graceful-fs': '4' } }, [place('graceful-fs')]: {} });
    install(place('json'));
    expect(missing(debian)).toEqual([]);
  });

  it.each<[string, Package, boolean]>([
    ['any system', { os: ['any'] }, true],
    ['all but this system', { os: ['!linux'] }, false],
    ['all but another system', { os: ['!win32'] }, true],
    ['this system and not that', { os: ['linux', '!win32'] }, true],
    ['this processor', { cpu: ['arm64', 'x64'] }, true],
    ['another processor', { os: ['linux'], cpu: ['wasm32'] }, false],
    ['another C library', { libc: ['musl'] }, false],
  ])('for %s are judged as npm judges them', (_name, platform, forDebian) => {
    lock({ [place('some')]: { optionalDependencies: { 'some-one': '1' } }, [place('some-one')]: platform });
    install(place('some'));
    expect(missing(debian)).toEqual(forDebian ? ['some-one 1.0.0 of some'] : []);
  });

  it('are missed exactly where there is one for the machine and none of those is installed', () => {
    const one = fc.record({
      os: fc.constantFrom('linux', 'darwin', 'win32'),
      cpu: fc.constantFrom('x64', 'arm64'),
      installed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 5 }), fc.constantFrom(debian, mac), (ones, machine) => {
        rmSync(path.join(directory, 'node_modules'), { recursive: true, force: true });
        const named = ones.map(({ os, cpu }, index) => [`p${index}`, { os: [os], cpu: [cpu] }] as const);
        lock({
          [place('p')]: { optionalDependencies: Object.fromEntries(named.map(([name]) => [name, '1'])) },
          ...Object.fromEntries(named.map(([name, platform]) => [place(name), platform])),
        });
        install(place('p'));
        for (const [index, [name, platform]] of named.entries()) {
          if (ones[index]?.installed === true) install(place(name), platform);
        }
        const meant = ones.filter(({ os, cpu }) => os === machine.os && cpu === machine.cpu);
        const lacking = meant.length > 0 && !meant.some(({ installed }) => installed);
        expect(missing(machine).length).toBe(lacking ? 1 : 0);
      }),
      { numRuns: 200 },
    );
  });

  it('are named in one line that says where npm has told why', () => {
    lock({
      [place('rg')]: { optionalDependencies: { here: '1' } },
      [place('here')]: { os: [process.platform] },
    });
    install(place('rg'));
    expect(() => requirePlatformPackages(directory, 'package-lock.json')).toThrow(
      /^npm did not install here 1\.0\.0 of rg\. Its log \(npm config get logs-dir\) says why\.$/,
    );
  });

  it('are all there in this clone', () => {
    expect(missingPlatformPackages(root, 'package-lock.json')).toEqual([]);
  });
});
