import { capitalized, SluiceError, sentence } from '../errors.ts';

/** The way to a key from the root of settings.json, for example `['sluice.servers', 'docs', 'headers', 'X-Team']`. */
export type SettingsPath = readonly string[];

/** Something in settings.json that is not as it should be, told so that the user can correct it without a manual. */
export interface ConfigProblem {
  /** Key in `sluice.servers`; absent where the problem is not one server's. */
  readonly server?: string;
  readonly path: SettingsPath;
  /** An error disables the entry that has it, and no other. A warning disables nothing. */
  readonly severity: 'error' | 'warning';
  /** Which key, and what was found there. Never shows a header's value, a password or a URL's query. */
  readonly message: string;
  /** What to do instead; continues the message after a semicolon. */
  readonly hint: string;
}

/** What a check found in one value, before it is known which key holds that value. */
export interface Mistake {
  /** Continues "key: ", for example `found "ws://…", and Sluice speaks http and https only`. */
  readonly found: string;
  readonly hint: string;
}

/** Collects the problems of one entry, or of the settings that all entries share. */
export class ProblemList {
  readonly all: ConfigProblem[] = [];
  readonly #server: string | undefined;

  constructor(server?: string) {
    this.#server = server;
  }

  get hasErrors(): boolean {
    return this.all.some((problem) => problem.severity === 'error');
  }

  error(path: SettingsPath, finding: Mistake): void {
    this.#add('error', path, finding);
  }

  warning(path: SettingsPath, finding: Mistake): void {
    this.#add('warning', path, finding);
  }

  #add(severity: ConfigProblem['severity'], path: SettingsPath, finding: Mistake): void {
    this.all.push(configProblem(severity, path, finding, this.#server));
  }
}

export function configProblem(
  severity: ConfigProblem['severity'],
  path: SettingsPath,
  { found, hint }: Mistake,
  server?: string,
): ConfigProblem {
  const whose = server === undefined ? {} : { server };
  return { ...whose, path, severity, message: `${formatPath(path)}: ${found}`, hint };
}

/** The problem on one line, as every sink shows it. */
export function formatProblem(problem: ConfigProblem): string {
  return `${problem.message}; ${problem.hint}`;
}

/** Problems of one entry as the error for a caller that wants to use that server. */
export function problemsError(server: string, problems: readonly ConfigProblem[]): SluiceError {
  return new SluiceError('config-invalid', problems.map(({ message }) => message).join('\n'), {
    server,
    phase: 'settings',
    delivery: 'not-sent',
    hint: problems.map(({ hint }) => sentence(capitalized(hint))).join('\n'),
  });
}

/** The way to a key as people write it: `sluice.servers.docs.url`, `sluice.servers["my server"].url`. */
export function formatPath([setting, ...steps]: SettingsPath): string {
  return steps.reduce<string>(
    (text, step) => text + (/^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`),
    setting ?? '',
  );
}

/** A value as a message may show it: on one line, short, and nothing of an object's inside. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 76)}…"`;
}
