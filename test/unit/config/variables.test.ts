import { resolve as resolvePath } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkVariables } from '../../../src/core/config/checkVariables.ts';
import { formatProblem } from '../../../src/core/config/configProblem.ts';
import {
  DEFAULT_DRAIN,
  DEFAULT_MESSAGE,
  DEFAULT_POOL,
  type ServerConfig,
  type ServerSettings,
} from '../../../src/core/config/serverConfig.ts';
import type { Surroundings } from '../../../src/core/config/surroundings.ts';
import { type InputQuestion, resolveVariables } from '../../../src/core/config/variables.ts';
import { SluiceError } from '../../../src/core/errors.ts';
import { parseEntry, URL } from './parse.ts';

const API = { name: 'api', path: resolvePath('/home/ada/api') };
const WEB = { name: 'web', path: resolvePath('/home/ada/web') };
const BARE: Surroundings = { env: {}, folders: [] };

function settings(entry: object): ServerSettings {
  const [server] = parseEntry({ url: URL, ...entry }).servers;
  if (server === undefined) throw new Error(JSON.stringify(parseEntry(entry).problems));
  return server;
}

/** What the user reads before anything is asked: `E` error, `W` warning. */
function told(entry: object, surroundings: Partial<Surroundings> = {}): string[] {
  return checkVariables(settings(entry), { ...BARE, ...surroundings }).map(
    (problem) =>
      `${problem.severity === 'error' ? 'E' : 'W'} ${formatProblem(problem).replace('sluice.servers.docs', '')}`,
  );
}

function inHeader(value: string, surroundings?: Partial<Surroundings>): string[] {
  return told({ headers: { X: value } }, surroundings).map((line) => line.replace(' .headers.X:', ''));
}

/** Resolves with answers from a table, and records what was asked. */
async function resolved(
  entry: object,
  surroundings: Partial<Surroundings> = {},
  answers: Record<string, string> = {},
) {
  const questions: InputQuestion[] = [];
  const outcome = await resolveVariables(settings(entry), { ...BARE, ...surroundings }, async (question) => {
    questions.push(question);
    return answers[question.input] ?? '';
  });
  return { questions, outcome };
}

async function config(...args: Parameters<typeof resolved>): Promise<ServerConfig> {
  const { outcome } = await resolved(...args);
  if ('problems' in outcome) throw new Error(outcome.problems.map(formatProblem).join());
  return outcome.config;
}

describe('variables', () => {
  test('are replaced in the URL, in headers and in tls, and leave nothing behind', async () => {
    const entry = {
      url: 'https://${env:HOST}/${input:tenant}/mcp?key=${env:KEY}',
      headers: {
        Authorization: 'Bearer ${input:token}',
        'X-Folder': '${workspaceFolder}',
        'X-Web': '${workspaceFolder:web}',
      },
      tls: {
        ca: '${env:CERTS}/ca.pem',
        cert: 'c.pem',
        key: '${workspaceFolder:web}/k.pem',
        passphrase: '${input:pass}',
        rejectUnauthorized: true,
      },
    };
    const surroundings = {
      env: { HOST: 'api.example.com', KEY: 'k3y-value', CERTS: resolvePath('/certs') },
      folders: [API, WEB],
      home: API,
    };
    const answers = { tenant: 'acme', token: 't0ken', pass: 'phrase' };
    expect(await config(entry, surroundings, answers)).toEqual({
      name: 'docs',
      url: 'https://api.example.com/acme/mcp?key=k3y-value',
      shownUrl: 'https://api.example.com/••••/mcp?key=••••',
      headers: { Authorization: 'Bearer t0ken', 'X-Folder': API.path, 'X-Web': WEB.path },
      protocol: 'auto',
      requestTimeout: 60_000,
      pool: DEFAULT_POOL,
      drain: DEFAULT_DRAIN,
      message: DEFAULT_MESSAGE,
      http2: 'auto',
      tls: {
        ca: resolvePath('/certs/ca.pem'),
        cert: resolvePath(API.path, 'c.pem'),
        key: resolvePath(WEB.path, 'k.pem'),
        passphrase: 'phrase',
        rejectUnauthorized: true,
      },
      secrets: ['acme', 'k3y-value', 't0ken', 'phrase'],
    });
  });

  test('do not hold variables themselves: a value is never replaced again', async () => {
    const { headers } = await config({ headers: { X: '${env:A}' } }, { env: { A: '${env:B}', B: 'no' } });
    expect(headers).toEqual({ X: '${env:B}' });
  });
});

describe('an environment variable', () => {
  test('that is not set is named', () => {
    expect(inHeader('${env:TOKEN}')).toEqual([
      'E found "${env:TOKEN}", and the environment variable TOKEN is not set; set it where VS Code is started and start VS Code again, or write "${input:TOKEN}" to be asked',
    ]);
  });

  test('that is empty is a warning', () => {
    expect(inHeader('${env:TOKEN}', { env: { TOKEN: '' } })).toEqual([
      'W found "${env:TOKEN}", and the environment variable TOKEN is empty; give it a value where VS Code is started, and start VS Code again',
    ]);
  });

  test('that makes an illegal header is told, and not shown', () => {
    const lines = inHeader('Bearer ${env:TOKEN}', { env: { TOKEN: 'hunter2\n' } });
    expect(lines).toEqual([
      'E found a line break or another control character in the value, once its variables are replaced; write the value on one line, without "\\n"',
    ]);
  });

  test('that makes no URL is told, and not shown', () => {
    expect(told({ url: '${env:BASE}/mcp?k=hunter2' }, { env: { BASE: 'localhost:3000' } })).toEqual([
      'E .url: found "${env:BASE}/mcp?…", which is not an http or https URL once its variables are replaced; set them so that the whole reads like "http://localhost:3000/mcp", without user name, password and fragment',
    ]);
  });
});

describe('a variable in a syntax of other tools', () => {
  const either = 'write "${env:TOKEN}" for an environment variable, or "${input:TOKEN}" to be asked';
  const anything = 'write the value itself, or "${env:NAME}", "${input:NAME}" or "${workspaceFolder}"';
  test.each([
    ['${TOKEN}', either],
    ['${env.TOKEN}', either],
    ['${ENV:TOKEN}', either],
    ['${process.env.TOKEN}', either],
    ['${TOKEN:-none}', either],
    ['${env:TOKEN:-none}', either],
    ['${ env:TOKEN }', 'write "${env:TOKEN}", without the spaces'],
    ['${prompt:TOKEN}', 'write "${input:TOKEN}"'],
    ['${secret:TOKEN}', 'write "${input:TOKEN}"'],
    ['${userHome}', 'write "${env:HOME}", on Windows "${env:USERPROFILE}"'],
    ['${workspaceRoot}', 'write "${workspaceFolder}"'],
    ['${config:http.proxy}', anything],
    ['${command:pick}', anything],
    ['${fileDirname}', anything],
    ['${env:}', anything],
    ['${}', anything],
  ])('%s is refused, with what to write', (variable, hint) => {
    expect(inHeader(`a ${variable} b`)).toEqual([
      `E found "${variable}", which is not a variable of Sluice; ${hint}`,
    ]);
  });

  test.each([
    ['{env:TOKEN}', 'found "{env:TOKEN}", which is not a variable; write "${env:TOKEN}"'],
    ['{{input:TOKEN}}', 'found "{{input:TOKEN}}", which is not a variable; write "${input:TOKEN}"'],
    ['{workspaceFolder}', 'found "{workspaceFolder}", which is not a variable; write "${workspaceFolder}"'],
    ['${env:TOKEN', 'found "${env:TOKEN", which is not closed; write "}" after the variable'],
  ])('%s is refused as a slip of the pen', (variable, message) => {
    expect(inHeader(variable)).toEqual([`E ${message}`]);
  });

  test.each(['$TOKEN', '$env:TOKEN', '{{TOKEN}}'])(
    '%s is sent as it is written, with a warning',
    async (variable) => {
      expect(inHeader(variable)).toEqual([
        `W found "${variable}", which is sent as it is written; write "\${env:TOKEN}" if an environment variable is meant`,
      ]);
      expect((await config({ headers: { X: variable } })).headers).toEqual({ X: variable });
    },
  );

  test.each(['pa$$w0rd', 'a$b', '$5', '{"a":1}', '100%'])('%s is none', (text) => {
    expect(inHeader(text)).toEqual([]);
  });
});

describe('an environment that may not be read yet', () => {
  test('is not judged: a variable may be set or not, and stand anywhere', () => {
    const unread = { env: undefined };
    expect(told({ headers: { X: '${env:NONE}' } }, unread)).toEqual([]);
    expect(told({ url: '${env:BASE}/${input:tenant}/mcp' }, unread)).toEqual([]);
    expect(told({ url: 'https://${env:HOST}:${env:PORT}/${input:tenant}/mcp' }, unread)).toEqual([]);
  });

  test('hides no mistake that shows without it', () => {
    expect(told({ url: 'https://${input:host}/mcp' }, { env: undefined })).toHaveLength(1);
    expect(inHeader('${TOKEN}', { env: undefined })).toHaveLength(1);
  });
});

describe('the workspace folder', () => {
  const ca = (path: string) => ({ url: 'https://h/mcp', tls: { ca: path } });
  const names = 'write an absolute path, or "${workspaceFolder:api}" or "${workspaceFolder:web}"';

  test('is the one that is open', async () => {
    expect((await config(ca('certs/ca.pem'), { folders: [API] })).tls.ca).toBe(
      resolvePath(API.path, 'certs/ca.pem'),
    );
  });

  test('is the one whose settings have the entry', async () => {
    const surroundings = { folders: [API, WEB], home: WEB };
    expect((await config(ca('${workspaceFolder}/ca.pem'), surroundings)).tls.ca).toBe(
      resolvePath(WEB.path, 'ca.pem'),
    );
  });

  test.each([
    ['ca.pem', [API, WEB], `found the relative path "ca.pem", and several folders are open; ${names}`],
    [
      '${workspaceFolder}/a',
      [API, WEB],
      `found "\${workspaceFolder}", and several folders are open; ${names}`,
    ],
    [
      '${workspaceFolder:x}/a',
      [API, WEB],
      `found "\${workspaceFolder:x}", and no open folder has that name; ${names}`,
    ],
    [
      'ca.pem',
      [],
      'found the relative path "ca.pem", and no folder of this machine is open; write an absolute path, or open a folder',
    ],
    [
      '${workspaceFolder}/a',
      [],
      'found "${workspaceFolder}", and no folder of this machine is open; write an absolute path, or open a folder',
    ],
  ])('%s with the folders %j cannot be told', (path, folders, message) => {
    expect(told(ca(path), { folders })).toEqual([`E .tls.ca: ${message}`]);
  });

  test('is not needed for an absolute path', async () => {
    expect((await config(ca(resolvePath('/ca.pem')))).tls.ca).toBe(resolvePath('/ca.pem'));
  });
});

describe('an input', () => {
  test('is asked for once, with the server, the address and the places that will get it', async () => {
    const entry = { url: 'https://${env:HOST}:8443/mcp', headers: { A: '${input:key}', B: '${input:key}' } };
    const { questions } = await resolved(entry, { env: { HOST: 'h' } }, { key: 'abcd' });
    const places = [
      { in: 'header', name: 'A' },
      { in: 'header', name: 'B' },
    ];
    const origin = 'https://h:8443';
    expect(questions).toEqual([
      { server: 'docs', input: 'key', origin, path: '/mcp', places, certificate: {} },
    ]);
  });

  test('is asked for with the way in which the certificate is checked', async () => {
    const tls = { ca: 'ca.pem', servername: 'other', rejectUnauthorized: false };
    const entry = { url: 'https://h/mcp', tls, headers: { A: '${input:key}' } };
    const { questions } = await resolved(entry, { folders: [API] }, { key: 'abcd' });
    expect(questions[0]?.certificate).toEqual({ ...tls, ca: resolvePath(API.path, 'ca.pem') });
  });

  test('is not asked for where something else is wrong', async () => {
    const { questions, outcome } = await resolved({ headers: { A: '${input:key}', B: '${env:NONE}' } });
    expect(questions).toEqual([]);
    expect(outcome).toMatchObject({ problems: [{ path: ['sluice.servers', 'docs', 'headers', 'B'] }] });
  });

  test.each(['http://${input:host}/mcp', 'http://h:8${input:port}/mcp', '${input:url}'])(
    '%s may not decide where answers go',
    (url) => {
      expect(told({ url })).toEqual([
        `E .url: found "${url}", where an input decides which host is called; write the host itself, or "\${env:NAME}"; inputs may stand in the path and in the query`,
      ]);
    },
  );

  test('that makes an illegal header is told, and not shown', async () => {
    const { outcome } = await resolved({ headers: { A: '${input:key}' } }, {}, { key: 'hunter2 ' });
    expect('problems' in outcome && outcome.problems.map(formatProblem)).toEqual([
      'sluice.servers.docs.headers.A: found white space at the start or the end of the value, once its variables are replaced; remove it',
    ]);
  });

  test('that is not answered fails with what the asker said', async () => {
    const cancelled = new SluiceError('input-missing', 'no', { delivery: 'not-sent' });
    const outcome = resolveVariables(settings({ headers: { A: '${input:key}' } }), BARE, () =>
      Promise.reject(cancelled),
    );
    await expect(outcome).rejects.toBe(cancelled);
  });
});

describe('secrets', () => {
  const env = { A: 'from-env' };

  test('are answers wherever they stand, and the environment in headers, passphrases and queries', async () => {
    expect((await config({ url: 'https://h/${input:k}/mcp' }, {}, { k: 'answer' })).secrets).toEqual([
      'answer',
    ]);
    expect((await config({ headers: { X: 'Bearer ${env:A}' } }, { env })).secrets).toEqual(['from-env']);
    expect((await config({ url: 'https://h/mcp?k=${env:A}' }, { env })).secrets).toEqual(['from-env']);
    const tls = { cert: '/c', key: '/k', passphrase: '${env:A}' };
    expect((await config({ url: 'https://h/mcp', tls }, { env })).secrets).toEqual(['from-env']);
  });

  test('are not the host and the path, without which the trace could not be read', async () => {
    expect((await config({ url: 'https://${env:A}/${env:A}/mcp' }, { env })).secrets).toEqual([]);
  });

  test('are masked in the way in which a URL encodes them, too', async () => {
    const entry = { url: 'https://h/${input:k}?k=${input:k}' };
    expect((await config(entry, {}, { k: 'a "b"^' })).secrets).toEqual([
      'a "b"^',
      'a%20%22b%22%5E',
      'a%20%22b%22^',
    ]);
  });

  test('of fewer than four characters are not masked, as that would garble the trace', async () => {
    expect((await config({ headers: { A: '${input:k}' } }, {}, { k: 'dev' })).secrets).toEqual([]);
    expect((await config({ headers: { A: '${input:k}' } }, {}, { k: 'abcd' })).secrets).toEqual(['abcd']);
  });

  test('are a part of a path that is as long as a key, and what an environment variable brings of a query', async () => {
    const KEY = '9fZ8aB3dE5gH7jK1';
    const secrets = async (url: string, A: string) => (await config({ url }, { env: { A } })).secrets;
    expect(await secrets('https://h/api/${env:A}/mcp', KEY)).toEqual([KEY]);
    expect(await secrets('${env:A}', `https://h/team/${KEY}/mcp?token=t0ken`)).toEqual([
      KEY,
      'token',
      't0ken',
    ]);
    expect(await secrets('${env:A}/mcp', 'https://a-host-with-a-long-name.example')).toEqual([]);
  });
});

describe('the URL that is shown', () => {
  test.each([
    ['https://h/mcp', 'https://h/mcp'],
    ['https://h/${input:k}/mcp', 'https://h/••••/mcp'],
    ['https://h/mcp?a=${input:k}&b=${env:A}', 'https://h/mcp?a=••••&b=••••'],
    ['https://h/x-${env:A}/mcp', 'https://h/x-••••/mcp'],
    ['https://${env:A}.example/mcp', 'https://team.example/mcp'],
    ['http://localhost:${env:PORT}/mcp', 'http://localhost:3000/mcp'],
    ['${env:BASE}/mcp', 'https://h.example/••••/mcp'],
    ['${env:ORIGIN}/mcp', 'https://h.example/mcp'],
    ['https://h/${workspaceFolder:web}/mcp', 'https://h//home/ada/web/mcp'],
  ])('of %s hides what variables gave, however short, but never who is called', async (url, shown) => {
    const env = { A: 'team', PORT: '3000', BASE: 'https://h.example/team', ORIGIN: 'https://h.example' };
    const { url: sent, shownUrl = sent } = await config({ url }, { env, folders: [WEB] }, { k: 'k' });
    expect(shownUrl).toBe(shown);
  });
});
