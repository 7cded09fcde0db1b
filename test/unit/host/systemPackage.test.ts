import { describe, expect, it } from 'vitest';
import { installSystemPackage, type System } from '../../host/runner/systemPackage.ts';

/** A machine on which `ends` says of each command how it ends; what was run is in `ran`. */
function machine(parts: Partial<System>): { system: System; ran: string[] } {
  const ran: string[] = [];
  const system: System = {
    hasApt: true,
    isRoot: false,
    run: async (program, args) => {
      ran.push([program, ...args].join(' '));
    },
    ...parts,
  };
  return { system, ran };
}

const install = (system: System) => installSystemPackage('some', 'There is no some', system);

describe('what only the system can give', () => {
  it('is installed as root', async () => {
    const { system, ran } = machine({ isRoot: true });
    await install(system);
    expect(ran).toEqual(['apt-get update', 'apt-get install -y --no-install-recommends some']);
  });

  it('is installed by sudo where that asks for no password', async () => {
    const { system, ran } = machine({});
    await install(system);
    expect(ran.slice(1)).toEqual([
      'sudo -n apt-get update',
      'sudo -n apt-get install -y --no-install-recommends some',
    ]);
  });

  it('is named in one line with the command where it may not be installed', async () => {
    const { system } = machine({ run: () => Promise.reject(new Error('sudo: a password is required')) });
    await expect(install(system)).rejects.toThrow(
      /^There is no some: run sudo apt-get update && sudo apt-get install -y --no-install-recommends some$/,
    );
  });

  it('is named with a command for root where there is no sudo', async () => {
    const none = Object.assign(new Error('spawn sudo ENOENT'), { code: 'ENOENT' });
    const { system } = machine({ run: () => Promise.reject(none) });
    await expect(install(system)).rejects.toThrow(
      /^There is no some: as root, run apt-get update && apt-get install -y --no-install-recommends some$/,
    );
  });

  it('is named in one line where there is no apt-get', async () => {
    const { system, ran } = machine({ hasApt: false });
    await expect(install(system)).rejects.toThrow(
      /^There is no some, and this machine has no apt-get: install some\.$/,
    );
    expect(ran).toEqual([]);
  });
});
