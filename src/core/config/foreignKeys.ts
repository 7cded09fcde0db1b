import { describeValue, type Mistake } from './configProblem.ts';
import { EXAMPLE_URL } from './serverUrl.ts';

/** Keys of configurations that start a program and talk to it over its standard input and output. */
const STDIO_KEYS = ['command', 'args', 'env', 'envFile', 'cwd'];

/** What other tools call the URL. */
const URL_KEYS = ['serverUrl', 'httpUrl', 'baseUrl', 'uri', 'endpoint', 'href'];

const STREAMABLE_HTTP = /^(streamable[-_ ]?)?http$/i;
/** The transport before it, which Sluice finds as well. */
const HTTP_SSE = /^(http[-_+ ]?)?sse$/i;

export interface ForeignKey extends Mistake {
  readonly severity: 'error' | 'warning';
  /** True where it stands in for a URL that is not there: the absence needs no problem of its own. */
  readonly insteadOfUrl: boolean;
}

/**
 * A key that another tool's configuration has at this place, and what says the same here.
 * An error where ignoring the key would do something else than what it asks for.
 */
export function foreignKey(key: string, value: unknown, hasUrl: boolean): ForeignKey | undefined {
  if (STDIO_KEYS.includes(key)) return hasUrl ? noEffect : stdio(`is for a program to start`);
  if (URL_KEYS.includes(key)) {
    if (hasUrl) return noEffect;
    return { found: 'is not a key of Sluice', hint: 'write "url"', severity: 'error', insteadOfUrl: true };
  }
  switch (key) {
    case 'type':
    case 'transport':
    case 'transportType':
      return transport(value);
    case 'disabled':
      if (value === false) return noEffect;
      return {
        found: `found ${describeValue(value)}, and this is not a key of Sluice`,
        hint: 'write "enabled": false',
        severity: 'error',
        insteadOfUrl: false,
      };
    case 'timeout':
      return { ...noEffect, hint: 'write "requestTimeout", in milliseconds' };
    default:
      return undefined;
  }
}

const noEffect: ForeignKey = {
  found: 'is not a key of Sluice and has no effect',
  hint: 'remove it',
  severity: 'warning',
  insteadOfUrl: false,
};

function transport(value: unknown): ForeignKey {
  if (value === 'stdio') return stdio('found "stdio"');
  if (typeof value === 'string' && HTTP_SSE.test(value))
    return {
      ...noEffect,
      found: `found ${describeValue(value)}, and Sluice finds out by itself how a server speaks`,
      hint: 'remove it: there is nothing to choose',
    };
  const found = `found ${describeValue(value)}, and Sluice speaks Streamable HTTP only`;
  return typeof value === 'string' && STREAMABLE_HTTP.test(value)
    ? { ...noEffect, found, hint: 'remove it: there is nothing to choose' }
    : {
        found,
        hint: 'remove it, and write the server\'s Streamable HTTP endpoint as "url"',
        severity: 'error',
        insteadOfUrl: false,
      };
}

function stdio(found: string): ForeignKey {
  return {
    found: `${found}, and Sluice speaks Streamable HTTP only`,
    hint: `start the server yourself with its HTTP transport, and write { "url": "${EXAMPLE_URL}" }`,
    severity: 'error',
    insteadOfUrl: true,
  };
}
