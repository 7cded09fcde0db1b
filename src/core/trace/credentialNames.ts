/**
 * Where a name stands decides what it means: `code` is a credential in a URL, and an error's in JSON.
 * - `header`: of an HTTP request or response
 * - `parameter`: of a URL or a form
 * - `member`: of JSON
 */
export type NamePlace = 'header' | 'parameter' | 'member';

/**
 * Headers that carry no credential, so that their value is shown although the settings set it. Every other header of
 * the settings is masked: what a server calls its key cannot be foreseen.
 */
const OPEN_HEADERS = new Set([
  // what is wanted, and by whom
  ...['accept', 'accept-charset', 'accept-encoding', 'accept-language', 'content-language', 'content-type'],
  ...[
    'cache-control',
    'pragma',
    'prefer',
    'priority',
    'dnt',
    'date',
    'origin',
    'user-agent',
    'x-requested-with',
  ],
  // which request it is
  ...['traceparent', 'tracestate', 'b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled'],
  ...['x-request-id', 'x-correlation-id', 'x-trace-id', 'x-amzn-trace-id', 'x-cloud-trace-context'],
  ...['idempotency-key', 'x-idempotency-key'],
  // which way it went
  ...['via', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'],
  // which interface is spoken
  ...['api-version', 'x-api-version', 'x-github-api-version', 'anthropic-version', 'notion-version'],
  // which tools GitHub's MCP server offers
  ...['x-mcp-toolsets', 'x-mcp-tools', 'x-mcp-readonly', 'x-mcp-lockdown', 'x-mcp-insiders'],
]);

export function isOpenHeader(name: string): boolean {
  return OPEN_HEADERS.has(name.toLowerCase());
}

/** Last words of a name that says "credential" wherever it stands, and also run together with what is before. */
const ENDINGS =
  /(?:token|secret|password|passwd|passphrase|passcode|credentials?|apikey|accesskey|secretkey|privatekey|sessionid|sessid|cookie)$/;
/** Last words that do so as a whole word only: `author` is no `auth`. */
const WORDS = new Set(['authorization', 'pwd', 'jwt', 'sig', 'assertion', 'verifier', 'otp', 'totp', 'pat']);
/** Last words that do so alone, or behind a word that says whose it is: `test_pass` is none. */
const ALONE = new Set(['auth', 'bearer', 'pass', 'session', 'sid']);
const WHOSE = new Set(
  'admin app application basic client connect db database http https login mysql oauth php pg proxy redis root server smtp sql user web'.split(
    ' ',
  ),
);
/** Words that make a key of what comes last in `access_key`; a key alone is more often one of a map. */
const KEYS = new Set(
  'access account admin api app application auth authorization client consumer encryption function functions host license master private secret service shared signing storage subscription'.split(
    ' ',
  ),
);
/** Words before the last that tell of something else: a page's token, the credentials that CORS allows. */
const HARMLESS = new Set(
  'allow bos continuation cursor eos include mask max next omit pad page progress require requires resumption resume skip special stop sync unk with'.split(
    ' ',
  ),
);

/** Whether what stands under this name is a credential, as far as a name tells. */
export function namesCredential(name: string, place: NamePlace): boolean {
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  const before = words.at(-2);
  if (before !== undefined && HARMLESS.has(before)) return false;
  if (ENDINGS.test(last) || WORDS.has(last)) return true;
  if (last === 'id') return before === 'session';
  if (ALONE.has(last)) return place === 'header' || before === undefined || WHOSE.has(before);
  if (last === 'key') return before === undefined ? place !== 'member' : KEYS.has(before);
  // In JSON a signature is a function's as often, and a code an error's.
  if (last === 'signature') return place !== 'member';
  return last === 'code' && before === undefined && place === 'parameter';
}

/** `accessKey`, `X-Access-Key` and `access_key` are all `access` and `key`. */
function wordsOf(name: string): readonly string[] {
  const words = name
    .replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
  return words[0] === 'x' ? words.slice(1) : words;
}
