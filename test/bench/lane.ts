import type { LabProcess } from '../lab/labProcess.ts';
import { startServer, type Trust, targetOf } from './links.ts';
import type { Turn } from './load.ts';
import type { Memory } from './memory.ts';
import type { Cell, LaneSpec } from './plan.ts';
import type { Connections, LaneResult } from './results.ts';
import { type Runner, startRunner } from './runner.ts';
import { median, summarize } from './statistics.ts';

/** Sockets that a bare client may have for calls at once: as many as Sluice's own cap. */
const SOCKETS_AT_ONCE = 16;

/** One client in its process and one server in its own, for the time of a cell. */
export class Lane implements AsyncDisposable {
  readonly spec: LaneSpec;
  readonly turns: Turn[] = [];
  readonly #cell: Cell;
  readonly #server: LabProcess;
  readonly #runner: Runner;
  readonly #before: Memory;
  #afterWarmUp: Memory | undefined;

  private constructor(spec: LaneSpec, cell: Cell, server: LabProcess, runner: Runner, before: Memory) {
    this.spec = spec;
    this.#cell = cell;
    this.#server = server;
    this.#runner = runner;
    this.#before = before;
  }

  static async start(spec: LaneSpec, cell: Cell, trust: Trust): Promise<Lane> {
    const runner = startRunner(spec.link === 'plain' ? undefined : trust.caFile);
    let server: LabProcess | undefined;
    try {
      server = await startServer(spec.link, spec.mode, trust);
      const sockets = cell.load.atOnce > 1 ? SOCKETS_AT_ONCE : 1;
      await runner.ask('open', spec.client, targetOf(server.url, spec.link, trust, sockets));
      return new Lane(spec, cell, server, runner, await runner.ask('memory'));
    } catch (error) {
      await runner[Symbol.asyncDispose]();
      await server?.close();
      throw error;
    }
  }

  async warmUp(): Promise<void> {
    const { warmUp, load } = this.#cell;
    await this.#runner.ask('perform', { ...load, calls: warmUp, leadIn: 0, maxMs: Number.POSITIVE_INFINITY });
    this.#afterWarmUp = await this.#runner.ask('memory');
  }

  async turn(): Promise<void> {
    const { calls, load } = this.#cell;
    const { client, yardstick } = this.spec;
    const most = client.startsWith('sluice') && yardstick !== true ? calls.sluice : calls.others;
    this.turns.push(await this.#runner.ask('perform', { ...load, calls: most }));
  }

  async result(): Promise<LaneResult> {
    const ms = this.turns.flatMap((turn) => turn.ms);
    const atEnd = await this.#runner.ask('memory');
    return {
      ...this.spec,
      calls: ms.length,
      latency: summarize(ms),
      rounds: this.turns.map((turn) => median(turn.ms)),
      perSecond: median(this.turns.map(({ perSecond }) => perSecond)),
      connections: await this.#connections(),
      memory: { before: this.#before, afterWarmUp: this.#afterWarmUp ?? this.#before, atEnd },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whatever a client leaves behind ends with its process.
    await this.#runner[Symbol.asyncDispose]();
    await this.#server.close();
  }

  async #connections(): Promise<Connections> {
    const { accepted, maxOpen, open } = await this.#server.counts();
    return { accepted, maxOpen, openAtEnd: open };
  }
}
