/** Counts tool calls. Only names of tools that exist come here, so that a client cannot make it grow. */
export class ToolActivity {
  #running = 0;
  readonly #calls = new Map<string, number>();

  get running(): number {
    return this.#running;
  }

  get calls(): Record<string, number> {
    return Object.fromEntries(this.#calls);
  }

  async run<Result>(tool: string, call: () => Promise<Result>): Promise<Result> {
    this.#calls.set(tool, (this.#calls.get(tool) ?? 0) + 1);
    this.#running += 1;
    try {
      return await call();
    } finally {
      this.#running -= 1;
    }
  }
}
