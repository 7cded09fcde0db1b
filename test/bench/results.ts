import type { Memory } from './memory.ts';
import type { Cell, Cold, FirstCalls, LaneSpec, Loads } from './plan.ts';
import type { Ratio, Summary } from './statistics.ts';

/** Counted at the server. SDK 1.x has one socket more for its GET stream. */
export interface Connections {
  readonly accepted: number;
  readonly maxOpen: number;
  /** When the last call had been answered. */
  readonly openAtEnd: number;
}

/** Of the client's process, in bytes. */
export interface MemoryUse {
  /** Connected, and not one call made. */
  readonly before: Memory;
  readonly afterWarmUp: Memory;
  readonly atEnd: Memory;
}

/** One client in one cell. Times are milliseconds. */
export interface LaneResult extends LaneSpec {
  readonly calls: number;
  readonly latency: Summary;
  /** The median of each round. */
  readonly rounds: readonly number[];
  /** The median of the rounds' calls a second. */
  readonly perSecond: number;
  readonly connections: Connections;
  readonly memory: MemoryUse;
}

/** A lane's median against another's. */
export interface Comparison extends Ratio {
  readonly of: LaneSpec;
  readonly to: LaneSpec;
}

export interface LaneFailure extends LaneSpec {
  readonly scenario: string;
  readonly error: string;
}

export interface CellResult extends Omit<Cell, 'lanes'> {
  readonly lanes: readonly LaneResult[];
  /** Sluice against every other lane, itself on a prompt server included. */
  readonly comparisons: readonly Comparison[];
}

export interface FirstCallResult extends LaneSpec, Pick<FirstCalls, 'scenario' | 'typingMs'> {
  readonly calls: number;
  readonly latency: Summary;
}

/** A way to build core/, and what loading it takes: milliseconds. */
export interface LoadedBuild {
  /** Of the file that is loaded. */
  readonly bytes: number;
  readonly latency: Summary;
}

export interface LoadResult extends Loads {
  readonly onePiece: LoadedBuild;
  readonly built: LoadedBuild;
  /** As it is built against one piece. */
  readonly ratio: Ratio;
}

export interface ColdResult extends Cold {
  readonly sluice: Summary;
  readonly official: Summary;
}

export interface Machine {
  readonly node: string;
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  /** Name and version of each package that takes part. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface Results {
  readonly machine: Machine;
  readonly startedAt: string;
  readonly seconds: number;
  readonly cells: readonly CellResult[];
  readonly firstCalls: readonly FirstCallResult[];
  readonly loads: readonly LoadResult[];
  readonly colds: readonly ColdResult[];
  readonly failures: readonly LaneFailure[];
}
