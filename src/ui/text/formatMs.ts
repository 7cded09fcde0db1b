/** About three digits, with the unit: `0.83 ms`, `12.4 ms`, `250 ms`, `1.25 s`. */
export function formatMs(ms: number): string {
  if (ms >= 999.5) return `${Number((ms / 1000).toPrecision(3))} s`;
  return `${ms < 9.995 ? Math.round(ms * 100) / 100 : ms < 99.95 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
}
