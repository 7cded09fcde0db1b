/**
 * Milliseconds that a result stays fresh (2026-07-28, Caching): absent or negative is 0, stale at once. Legacy results
 * have no such member.
 */
export function freshFor({ ttlMs }: Readonly<Record<string, unknown>>): number {
  return typeof ttlMs === 'number' && ttlMs > 0 ? ttlMs : 0;
}
