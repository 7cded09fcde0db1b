import { type ConfigProblem, ProblemList } from './configProblem.ts';
import { variablesOf } from './disclosure.ts';
import type { ServerSettings } from './serverConfig.ts';
import { describeUrl } from './serverUrl.ts';
import { readTemplateUrl } from './templateUrl.ts';

/** Variables of one entry: a person reads all of them before allowing it. */
const MOST_VARIABLES = 16;

/** What an entry of the user may have and one of a workspace may not, told from its text alone. */
export function checkWorkspaceServer(settings: ServerSettings): readonly ConfigProblem[] {
  const { name, url } = settings;
  const problems = new ProblemList(name);
  const at = ['sluice.servers', name];
  if (!hasPlainHost(url)) {
    problems.error([...at, 'url'], {
      found: `found ${describeUrl(url)}, where a variable is a part of the host name, which is sent to name servers`,
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
 * A variable of the user's environment may be the whole host of a workspace's server, but not a part of it: the name servers of
 * `evil.example` are asked for the host of `https://${env:TOKEN}.evil.example`, and so learn the token before anything is sent.
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
