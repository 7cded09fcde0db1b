/**
 * A server's name where it could be taken for another one's: with the scope of one that is not the user's own, as in
 * `docs (workspace)`.
 * @param scope as `scopeTitle` gives it
 */
export function shownName(name: string, scope: string | undefined): string {
  return scope === undefined ? name : `${name} (${scope})`;
}

/** The name that a server is shown by, from the one that it goes by. */
export type ShownName = (server: string) => string;
