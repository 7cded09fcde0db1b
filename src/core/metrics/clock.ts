/** Time comes in from outside, so that tests move it and nothing below reads a clock of its own. */
export interface Clock {
  /** Monotonic milliseconds, fractional, from an arbitrary origin. */
  now(): number;
  /** Milliseconds since the Unix epoch, for people to read; never for durations. */
  wallTime(): number;
  /** Runs `task` once after `ms`. It does not keep the process alive. Returns a function that cancels. */
  schedule(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  schedule(ms, task) {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
