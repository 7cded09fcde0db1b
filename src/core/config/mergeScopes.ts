import { type ConfigProblem, configProblem, describeValue } from './configProblem.ts';
import { isObject } from './readValue.ts';
import { EXAMPLE_URL } from './serverUrl.ts';

/** What one settings file says of `sluice.servers`. */
export interface Scoped<Origin> {
  readonly origin: Origin;
  readonly value: unknown;
  /** Files of the same rank do not override one another: folders of one workspace. */
  readonly rank: number;
}

export interface MergedServers<Origin> {
  /** Name to entry, unchecked. */
  readonly entries: Readonly<Record<string, unknown>>;
  /** Name to the file that the entry is from. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Name to the other files with an entry of that name, which are not used. */
  readonly shadowed: ReadonlyMap<string, readonly Origin[]>;
  /** Entries that the user has refused, where another file has one of that name. */
  readonly refused: readonly { readonly origin: Origin; readonly name: string; readonly entry: unknown }[];
  readonly problems: readonly { readonly origin: Origin; readonly problem: ConfigProblem }[];
}

/**
 * Merges by name, a whole entry at a time; a greater rank wins. VS Code's own merge would go into the entries:
 * a workspace that gives only a `url` to a name that the user's settings know would then receive the headers
 * of the user's entry, credentials and all.
 *
 * @param scopes in any order; among equal ranks the first wins, and the others are reported
 * @param isRefused whether the user wants the entry of another file in its place
 */
export function mergeScopes<Origin>(
  scopes: readonly Scoped<Origin>[],
  isRefused: (name: string, origin: Origin) => boolean = () => false,
): MergedServers<Origin> {
  const winners = new Map<string, { scope: Scoped<Origin>; entry: unknown }>();
  const named = new Map<string, Origin[]>();
  const refused: { origin: Origin; name: string; entry: unknown }[] = [];
  const problems: { origin: Origin; problem: ConfigProblem }[] = [];
  for (const scope of scopes) {
    const { value, origin, rank } = scope;
    if (!isObject(value)) {
      if (value !== undefined) problems.push({ origin, problem: notAnObject(value) });
      continue;
    }
    for (const [name, entry] of Object.entries(value)) {
      named.set(name, [...(named.get(name) ?? []), origin]);
      if (isRefused(name, origin)) {
        refused.push({ origin, name, entry });
        continue;
      }
      const winner = winners.get(name);
      if (winner?.scope.rank === rank) problems.push({ origin, problem: alreadyDefined(name) });
      if (winner === undefined || winner.scope.rank < rank) winners.set(name, { scope, entry });
    }
  }
  // Without another entry of that name there is nothing to use in its place.
  for (const { name, origin, entry } of refused) {
    if (!winners.has(name)) winners.set(name, { scope: { origin, value: undefined, rank: 0 }, entry });
  }
  return {
    entries: Object.fromEntries([...winners].map(([name, { entry }]) => [name, entry])),
    origins: new Map([...winners].map(([name, { scope }]) => [name, scope.origin])),
    shadowed: new Map(
      [...winners].map(([name, { scope }]) => [
        name,
        (named.get(name) ?? []).filter((origin) => origin !== scope.origin),
      ]),
    ),
    refused: refused.filter(({ name, origin }) => winners.get(name)?.scope.origin !== origin),
    problems,
  };
}

function notAnObject(value: unknown): ConfigProblem {
  return configProblem('error', ['sluice.servers'], {
    found: `found ${describeValue(value)}`,
    hint: `write an object, such as { "my-server": { "url": "${EXAMPLE_URL}" } }`,
  });
}

function alreadyDefined(name: string): ConfigProblem {
  const finding = {
    found: 'is not used, as another folder of this workspace has an entry of that name',
    hint: 'give one of them another name',
  };
  return configProblem('warning', ['sluice.servers', name], finding, name);
}
