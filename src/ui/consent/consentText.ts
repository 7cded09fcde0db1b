import { type Disclosure, disclose, type Place } from '../../core/config/disclosure.ts';
import { formatVariable, type Variable } from '../../core/config/templateUrl.ts';
import { placeText, quoted } from '../settings/places.ts';
import { block, joined, type Line, type Lines, line, lineOf, paragraphs } from '../surfaces/line.ts';
import { shownName } from '../text/serverName.ts';
import type { WorkspaceServer } from './workspaceServer.ts';

/** Code units of an address: the longest host fits, and what follows it is cut. */
const MOST_ADDRESS = 500;

/** The description of the server's row, before it is allowed. */
export function consentState({ scope, consent, others }: WorkspaceServer): Line {
  const whose = others.includes(undefined) ? line`in place of the user's` : undefined;
  switch (consent.kind) {
    case 'allowed':
      return line`${scope}`;
    case 'missing':
      return joined(' · ', line`${scope}`, line`not allowed yet`, whose);
    case 'changed':
      return joined(' · ', line`${scope}`, line`changed since you allowed it`, whose);
    case 'refused':
      return joined(' · ', line`${scope}`, line`not used`);
  }
}

/** What would go where, and whose name it takes, on one line: the first variable, the others by their number. */
export function consentSummary(server: WorkspaceServer): Line {
  const told = disclose(server.settings);
  const sent = sentVariables(told);
  const [first] = sent;
  const more = sent.length - 1;
  const to = lineOf(told.host);
  return joined(
    ' ',
    first === undefined
      ? joined('', line`Connects to `, to, line`.`)
      : joined(
          '',
          line`Sends `,
          more === 0 ? sentText(first) : line`${nameOf(first.variable)} and ${more} more`,
          line` to `,
          to,
          line`.`,
        ),
    told.checksCertificate ? undefined : line`Does not check its certificate.`,
    placeOfOthers(server),
  );
}

/** The whole truth, for the question. */
export function consentDetail(server: WorkspaceServer): Lines {
  const told = disclose(server.settings);
  const { consent, origin } = server;
  const sent = sentVariables(told).map(sentText);
  const used = told.variables.flatMap(({ variable, places }) =>
    places
      .filter(({ in: where }) => where === 'tls')
      .map((place) => line`${nameOf(variable)} ${placeText(place)}`),
  );
  const parts: (Line | Lines | undefined)[] = [
    lineOf(told.origin + told.path, MOST_ADDRESS),
    consent.kind === 'changed'
      ? line`Changed since you allowed it: ${consent.members.join(', ')}.`
      : undefined,
    sent.length === 0
      ? line`None of your variables is sent.`
      : block(line`Sends:`, ...sent.map((one) => joined('', line`•  `, one))),
    told.plainHeaders.length === 0
      ? undefined
      : line`Headers as they stand in the settings: ${told.plainHeaders.join(', ')}.`,
    used.length === 0 ? undefined : block(line`Uses:`, ...used.map((one) => joined('', line`•  `, one))),
    told.files.length === 0
      ? undefined
      : block(...told.files.map(({ member, path }) => line`${FILES[member]}: ${quoted(path)}`)),
    told.checksCertificate
      ? undefined
      : line`Certificate checking is off: anybody on the way can read and change what is sent.`,
    told.servername === undefined
      ? undefined
      : line`Takes a certificate for ${quoted(told.servername)} as the server's.`,
    placeOfOthers(server),
    line`When it asks, it also gets the names and paths of the open folders.`,
    'file' in origin ? lineOf(`From ${origin.file.fsPath}`, MOST_ADDRESS) : undefined,
  ];
  return paragraphs(...parts.filter((part) => part !== undefined));
}

const FILES = {
  ca: 'Trusts the certificates in the file',
  cert: 'Shows the certificate in the file',
  key: 'Uses the private key in the file',
} as const;

interface Sent {
  readonly variable: Variable;
  readonly places: readonly Place[];
}

/** What leaves this machine, the environment first. */
function sentVariables({ variables }: Disclosure): readonly Sent[] {
  const rank = { env: 0, input: 1, workspaceFolder: 2 };
  return variables
    .map(({ variable, places }) => ({ variable, places: places.filter(({ in: where }) => where !== 'tls') }))
    .filter(({ places }) => places.length > 0)
    .sort((one, other) => rank[one.variable.kind] - rank[other.variable.kind]);
}

function sentText({ variable, places }: Sent): Line {
  return line`${nameOf(variable)} ${places.map(placeText).join(' and ')}`;
}

function nameOf(variable: Variable): string {
  switch (variable.kind) {
    case 'env':
      return `${quoted(variable.name)} (environment)`;
    case 'input':
      return `${quoted(variable.name)} (you are asked)`;
    case 'workspaceFolder':
      return formatVariable(variable);
  }
}

function placeOfOthers({ settings, others, consent }: WorkspaceServer): Line | undefined {
  if (others.length === 0) return undefined;
  const { name } = settings;
  const whose = others.map((scope) =>
    scope === undefined ? `the user's server ${quoted(name)}` : shownName(quoted(name), scope),
  );
  const names = whose.join(' and of ');
  return consent.kind === 'refused'
    ? line`Would take the place of ${names}.`
    : line`Takes the place of ${names}.`;
}
