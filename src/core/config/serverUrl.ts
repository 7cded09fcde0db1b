import { describeValue, type Mistake } from './configProblem.ts';

export const EXAMPLE_URL = 'http://localhost:3000/mcp';

/**
 * What is wrong with the URL of an MCP endpoint, if anything.
 * A text with variables is checked as far as it can be read before they are replaced.
 */
export function checkServerUrl(text: string): Mistake | undefined {
  const found = `found ${describeUrl(text)}`;
  if (text.trim() === '') return { found, hint: `write the server's URL, such as "${EXAMPLE_URL}"` };
  if (text.trim() !== text) {
    return { found: `${found}, with white space around it`, hint: `write ${describeUrl(text.trim())}` };
  }
  if (text.startsWith('${')) return undefined;

  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { found: `${found}, without http:// or https://`, hint: suggest(text) };
  if (scheme !== 'http' && scheme !== 'https') {
    const secure = scheme === 'wss' ? 'https' : 'http';
    const hint = scheme.startsWith('ws')
      ? `write the server's Streamable HTTP endpoint, such as ${describeUrl(text.replace(/^wss?/i, secure))}`
      : `write the server's Streamable HTTP endpoint, such as "${EXAMPLE_URL}"`;
    return { found: `${found}, and Sluice speaks http and https only`, hint };
  }
  return text.includes('${') ? undefined : checkWholeUrl(text, found);
}

function checkWholeUrl(text: string, found: string): Mistake | undefined {
  if (!URL.canParse(text)) {
    return {
      found: `${found}, which is not a valid URL`,
      hint: `check host and port; a full one reads "${EXAMPLE_URL}"`,
    };
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    url.username = '';
    url.password = '';
    return {
      found: `${found}, with a user name or password in it`,
      hint: `write ${describeUrl(url.href)} and put them into headers, as in "Authorization": "Basic \${input:credentials}"`,
    };
  }
  if (url.hash !== '') {
    return {
      found: `${found}, with a fragment, which is never sent`,
      hint: `write ${describeUrl(text.slice(0, text.indexOf('#')))}`,
    };
  }
  return undefined;
}

/** The URL in quotes, without what may be secret in it: user, password and query. */
export function describeUrl(text: string): string {
  const masked = text.replace(/^([^/?#]*\/\/)?[^/?#]*@/, '$1…@').replace(/\?[^#]*/, '?…');
  return describeValue(masked);
}

/** From `localhost:3000` or `api.example.com/mcp` to what was probably meant. */
function suggest(text: string): string {
  const port = /^:?(\d{1,5})$/.exec(text)?.[1];
  const address = port === undefined ? text.replace(/^(https?:)?\/*([^/?#]*@)?/i, '') : `localhost:${port}`;
  const local =
    /^http:/i.test(text) ||
    /^(localhost|127\.|0\.0\.0\.0|\[|10\.|192\.168\.|host\.docker\.internal)/i.test(address);
  const url = `${local ? 'http' : 'https'}://${address}${address.includes('/') ? '' : '/mcp'}`;
  const plausible = address.includes('${') || URL.canParse(url);
  return `write ${plausible ? describeUrl(url) : `"${EXAMPLE_URL}"`}`;
}
