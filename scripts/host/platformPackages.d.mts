export interface Machine {
  readonly os: string;
  readonly cpu: string;
  readonly libc: string | undefined;
}

export function missingPlatformPackages(
  directory: string,
  lockFile: string,
  machine?: Machine,
): readonly string[];

export function requirePlatformPackages(directory: string, lockFile: string): void;
