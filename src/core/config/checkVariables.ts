import { isAbsolute } from 'node:path';
import { type ConfigProblem, type Mistake, ProblemList } from './configProblem.ts';
import { checkHeaderValue } from './headerRules.ts';
import type { ServerSettings } from './serverConfig.ts';
import { type ServerString, serverStrings } from './serverStrings.ts';
import { checkServerUrl, describeUrl, EXAMPLE_URL } from './serverUrl.ts';
import { fill, folderNamed, type Surroundings } from './surroundings.ts';
import { hasVariables, parseTemplate, type TemplatePart } from './template.ts';

/** What is wrong with the variables of one entry, as far as it shows without asking the user anything. */
export function checkVariables(
  settings: ServerSettings,
  surroundings: Surroundings,
): readonly ConfigProblem[] {
  const problems = new ProblemList(settings.name);
  for (const string of serverStrings(settings)) {
    const path = ['sluice.servers', settings.name, ...string.path];
    const { parts, mistakes } = parseTemplate(string.text);
    for (const mistake of mistakes) problems[mistake.severity](path, mistake);
    for (const part of parts) checkPart(part, surroundings, path, problems);
    if (string.use === 'file') checkFile(string.text, surroundings, path, problems);
  }
  if (!problems.hasErrors) checkOrigin(settings, surroundings, problems);
  if (!problems.hasErrors && surroundings.env !== undefined) {
    for (const string of serverStrings(settings)) {
      checkFilled(
        settings.name,
        string,
        fill(string.text, surroundings, () => '1'),
        problems,
      );
    }
  }
  return problems.all;
}

/** Checks a string whose variables are replaced as if it had been written out. The replaced text is never shown. */
export function checkFilled(
  server: string,
  { path, text, use }: ServerString,
  filled: string,
  problems: ProblemList,
): void {
  if (!hasVariables(text)) return;
  const at = ['sluice.servers', server, ...path];
  if (use === 'url' && (checkServerUrl(filled) !== undefined || hasVariables(filled))) {
    problems.error(at, {
      found: `found ${describeUrl(text)}, which is not an http or https URL once its variables are replaced`,
      hint: `set them so that the whole reads like "${EXAMPLE_URL}", without user name, password and fragment`,
    });
  }
  const finding = use === 'header' ? checkHeaderValue(filled) : undefined;
  if (finding !== undefined) {
    problems.error(at, { ...finding, found: `${finding.found}, once its variables are replaced` });
  }
}

function checkPart(
  part: TemplatePart,
  surroundings: Surroundings,
  path: readonly string[],
  problems: ProblemList,
): void {
  if (part.kind === 'env' && surroundings.env !== undefined) {
    const value = surroundings.env[part.name];
    const found = `found "\${env:${part.name}}", and the environment variable ${part.name} is`;
    if (value === undefined) {
      problems.error(path, {
        found: `${found} not set`,
        hint: `set it where VS Code is started and start VS Code again, or write "\${input:${part.name}}" to be asked`,
      });
    } else if (value === '') {
      problems.warning(path, {
        found: `${found} empty`,
        hint: 'give it a value where VS Code is started, and start VS Code again',
      });
    }
  }
  if (part.kind === 'workspaceFolder' && folderNamed(part.folder, surroundings) === undefined) {
    const suffix = part.folder === undefined ? '' : `:${part.folder}`;
    problems.error(path, noFolder(`"\${workspaceFolder${suffix}}"`, part.folder, surroundings));
  }
}

function checkFile(
  text: string,
  surroundings: Surroundings,
  path: readonly string[],
  problems: ProblemList,
): void {
  const isRelative = !text.startsWith('${') && !isAbsolute(text);
  if (isRelative && folderNamed(undefined, surroundings) === undefined) {
    problems.error(path, noFolder(`the relative path ${JSON.stringify(text)}`, undefined, surroundings));
  }
}

function noFolder(what: string, name: string | undefined, { folders }: Surroundings): Mistake {
  if (folders.length === 0) {
    return {
      found: `found ${what}, and no folder of this machine is open`,
      hint: 'write an absolute path, or open a folder',
    };
  }
  const reason = name === undefined ? 'several folders are open' : 'no open folder has that name';
  const names = folders.map((folder) => `"\${workspaceFolder:${folder.name}}"`).join(' or ');
  return { found: `found ${what}, and ${reason}`, hint: `write an absolute path, or ${names}` };
}

/**
 * Where the server is must be known before an answer of the user is looked up or asked for: answers are kept
 * for one origin, so that a changed URL cannot collect what was entered for another.
 */
function checkOrigin({ name, url }: ServerSettings, surroundings: Surroundings, problems: ProblemList): void {
  const [one, two] = ['1', '2'].map((input) => URL.parse(fill(url, surroundings, () => input))?.origin);
  if (one === two && !url.startsWith('${input:')) return;
  problems.error(['sluice.servers', name, 'url'], {
    found: `found ${describeUrl(url)}, where an input decides which host is called`,
    hint: `write the host itself, or "\${env:NAME}"; inputs may stand in the path and in the query`,
  });
}
