import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** The rooms of core/, the lowest first: each may import those before it and itself. */
const ROOMS = [
  'errors.ts',
  'bag.ts',
  'budget.ts',
  'metrics',
  'async',
  'jsonrpc',
  'trace',
  'config',
  'sse',
  'http',
  'transport',
  'mcp',
  'servers',
  'benchmark',
  'diagnosis',
  'index.ts',
];

/** The wings of ui/, likewise; what is loose in it stands above them all, and joins them. */
const WINGS = [
  'surfaces',
  'text',
  'pages',
  'trace',
  'questions',
  'arguments',
  'settings',
  'consent',
  'history',
  'tools',
  'elicitation',
  'servers',
  'result',
  'calls',
  'api',
  'latency',
  'benchmark',
  'diagnosis',
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));
const core = files.filter(({ file }) => file.startsWith('core/'));

/** Each bundle's files: those of the extension, and of what it imports lazily. */
function bundles(): Set<string>[] {
  const lazily = files.flatMap((one) => importsOf(one, /import\(\s*'([^']+)'/g));
  return ['extension.ts', ...new Set(lazily)].map((entry) => {
    const reached = new Set([entry]);
    for (const file of reached) {
      const one = files.find((known) => known.file === file);
      if (one === undefined) continue;
      for (const target of importsOf(one, /^(?:import|export) (?!type\b)[^;]*?from '([^']+)'/gm))
        reached.add(target);
    }
    return reached;
  });
}

function importsOf(
  { file, text }: { file: string; text: string },
  pattern = /(?:from|import)\s*\(?\s*'([^']+)'/g,
): string[] {
  const found = [...text.matchAll(pattern)].map(([, specifier]) => specifier ?? '');
  return found.map((specifier) =>
    specifier.startsWith('.') ? relative(SRC, resolve(SRC, dirname(file), specifier)) : specifier,
  );
}

/** Every file outside `allowed` that matches, so that a failure names it. */
function offenders(where: typeof files, matches: (file: (typeof files)[number]) => boolean): string[] {
  return where.filter(matches).map(({ file }) => file);
}

/** Each import of a floor's own files that leads to a higher one. @param height of a path */
function uphill(floor: typeof files, height: (path: string) => number): string[] {
  const own = new Set(floor.map(({ file }) => file));
  return floor.flatMap((one) =>
    importsOf(one)
      .filter((target) => own.has(target) && height(target) > height(one.file))
      .map((target) => `${one.file} imports ${target}`),
  );
}

describe('the house', () => {
  it('imports downhill only, inside core/', () => {
    const room = (path: string) => ROOMS.indexOf(path.split('/')[1] ?? '');
    expect(uphill(core, room)).toEqual([]);
    expect(core.filter(({ file }) => room(file) < 0).map(({ file }) => file)).toEqual([]);
  });

  it('imports downhill only, inside ui/, where all but what joins its wings stands in one', () => {
    const wing = (path: string) => {
      const [, name = ''] = path.split('/');
      return name.endsWith('.ts') ? WINGS.length : WINGS.indexOf(name);
    };
    const ui = files.filter(({ file }) => file.startsWith('ui/'));
    expect(uphill(ui, wing)).toEqual([]);
    expect(ui.filter(({ file }) => wing(file) < 0).map(({ file }) => file)).toEqual([]);
    const loose = ui.filter(({ file }) => wing(file) === WINGS.length).map(({ file }) => file);
    expect(loose.sort()).toEqual([
      'ui/commandNames.ts',
      'ui/commands.ts',
      'ui/contextKeys.ts',
      'ui/registerCommands.ts',
    ]);
  });

  it('has no files that import each other, over however many others', () => {
    const imports = new Map(files.map((one) => [one.file, importsOf(one)]));
    const reachedFrom = (file: string) => {
      const reached = new Set(imports.get(file));
      for (const one of reached) for (const target of imports.get(one) ?? []) reached.add(target);
      return reached;
    };
    expect(offenders(files, ({ file }) => reachedFrom(file).has(file))).toEqual([]);
  });

  it('has no script that imports a test: they run tests as programs', () => {
    const root = resolve(SRC, '..');
    const scripts = readdirSync(join(root, 'scripts'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.m?ts$|\.mjs$/.test(file))
      .map((file) => ({ file, text: readFileSync(join(root, 'scripts', file), 'utf8') }));
    expect(scripts.length).toBeGreaterThan(20);
    expect(offenders(scripts, ({ text }) => /from '[^']*\/test\//.test(text))).toEqual([]);
  });

  it('lets nothing in core/ or demo/ import ui/, and neither import the other', () => {
    expect(offenders(core, (one) => importsOf(one).some((target) => /^(ui|demo)\//.test(target)))).toEqual(
      [],
    );
    const demo = files.filter(({ file }) => file.startsWith('demo/'));
    expect(offenders(demo, (one) => importsOf(one).some((target) => /^(ui|core)\//.test(target)))).toEqual(
      [],
    );
  });

  it('exports every type that the door of core/ takes and gives', () => {
    const text = (file: string) => files.find((one) => one.file === `core/${file}`)?.text ?? '';
    const door = ['mcpServer.ts', 'serverCallbacks.ts', 'callOutcome.ts', 'serverSnapshot.ts'];
    const taken = door.flatMap((file) =>
      [
        ...text(`servers/${file}`).matchAll(/import type \{([^}]*)\} from '\.\.\/mcp\/mcpTypes\.ts'/g),
      ].flatMap(([, names = '']) => names.match(/\w+/g) ?? []),
    );
    expect(taken).toContain('Task');
    const exported = new Set(text('index.ts').match(/\w+/g));
    expect(taken.filter((name) => !exported.has(name))).toEqual([]);
  });

  it('shows a text on a surface of VS Code through the one door only, which takes none that was not cleaned', () => {
    const elsewhere = files.filter(({ file }) => !file.startsWith('ui/surfaces/'));
    const members =
      /vscode\.window\s*\.\s*(?!showTextDocument|showSaveDialog|showOpenDialog|on[A-Z]|activeTextEditor|visibleTextEditors|activeColorTheme|tabGroups|state)\w+/;
    const shown =
      /new vscode\.(MarkdownString|CodeLens|Diagnostic|DiagnosticRelatedInformation|Hover|TreeItem|CompletionItem|InlayHint|DataTransferItem)\b/;
    expect(offenders(elsewhere, ({ text }) => members.test(text) || shown.test(text))).toEqual([]);
    // A cast would make a line of anything.
    expect(
      offenders(elsewhere, ({ text }) => /\bas (unknown as )?(Line|Lines|LogLines)\b/.test(text)),
    ).toEqual([]);
    // Style sheets of ours, bars of a histogram, Base64 that was looked through, and JSON that is escaped token by token.
    expect(offenders(elsewhere, ({ text }) => /new (Html|Markdown)\(/.test(text)).sort()).toEqual([
      'ui/benchmark/benchmarkMarkdown.ts',
      'ui/pages/pageHtml.ts',
      'ui/result/contentHtml.ts',
      'ui/result/jsonHtml.ts',
    ]);
  });

  it('keeps state in no module of ui/ that is in two bundles: it would be there twice', () => {
    const all = bundles();
    const stateful = files.filter(({ text }) =>
      /^(export )?let |^(export )?const \w+(: (Weak)?(Map|Set)\b.*)? = new \w*(Map|Set)\b/m.test(text),
    );
    const bundlesOf = (module: string) => all.filter((bundle) => bundle.has(module)).length;
    const ui = stateful.filter(({ file }) => file.startsWith('ui/'));
    expect(ui.map(({ file }) => [file, bundlesOf(file)]).sort()).toEqual([
      ['ui/surfaces/openList.ts', 1],
      ['ui/text/core.ts', 1],
    ]);
    expect(bundlesOf('ui/surfaces/line.ts')).toBeGreaterThan(1);
  });

  it('shows a server by the name that tells its scope, and never by the one that it goes by', () => {
    // `server`, `call.server`, `connection.name`: as a part of a text that is shown, or handed to what cleans such a text.
    const bare = String.raw`(?:[\w$#.?]+\.)?(?:server|serverName|(?:server|connection)\.name)`;
    const laidIn = new RegExp(String.raw`\b(?:line|html|markdown)\`[^\`]*\$\{${bare}\}`);
    const handed = new RegExp(
      String.raw`\b(?:lineOf|fileName|cleanText|clean|name|quoted|oneLine)\(${bare}\b[,)]`,
    );
    const titled = new RegExp(
      String.raw`\b(?:title|label|description|detail|message)[:=] *\`[^\`]*\$\{${bare}\}`,
    );
    const ui = files.filter(({ file }) => file.startsWith('ui/') && file !== 'ui/text/serverName.ts');
    const shows = ({ text }: { text: string }) => [laidIn, handed, titled].some((one) => one.test(text));
    expect(offenders(ui, shows)).toEqual([]);
    for (const text of ['line`Call ${server}`', 'fileName(call.server, "")', 'line`on ${connection.name}?`'])
      expect(shows({ text })).toBe(true);
  });

  it('names vscode in ui/ and extension.ts only', () => {
    const elsewhere = files.filter(({ file }) => !file.startsWith('ui/') && file !== 'extension.ts');
    expect(offenders(elsewhere, (one) => importsOf(one).includes('vscode'))).toEqual([]);
  });

  it('names undici in core/http only, and never its main entry for a value', () => {
    const elsewhere = files.filter(({ file }) => !file.startsWith('core/http/'));
    expect(
      offenders(elsewhere, (one) => importsOf(one).some((target) => /^undici(\/|$)/.test(target))),
    ).toEqual([]);
    expect(offenders(files, ({ text }) => /^import (?!type)[^;]*from 'undici';/m.test(text))).toEqual([]);
  });

  it('names eventsource-parser in core/sse only', () => {
    const elsewhere = files.filter(({ file }) => !file.startsWith('core/sse/'));
    expect(offenders(elsewhere, (one) => importsOf(one).includes('eventsource-parser'))).toEqual([]);
  });

  it('names js-yaml in core/mcp/frontMatter alone', () => {
    const elsewhere = files.filter(({ file }) => file !== 'core/mcp/frontMatter.ts');
    expect(offenders(elsewhere, (one) => importsOf(one).includes('js-yaml'))).toEqual([]);
  });

  it('hands the URL of a server to nothing that shows it, but as it may be shown', () => {
    const connects = ['proxyFor', 'serverLink', 'serverMask', 'probeLine'];
    const elsewhere = files.filter(({ file }) => !connects.some((name) => file.endsWith(`/${name}.ts`)));
    expect(offenders(elsewhere, ({ text }) => /\bconfig\??\.url\b/.test(text))).toEqual([]);
  });

  it('masks errors in one place, and lets none out of core/ around it', () => {
    const throwers = offenders(core, ({ text }) => /\bmaskError\(/.test(text));
    expect(throwers.sort()).toEqual(['core/servers/lifecycle.ts', 'core/trace/maskError.ts']);
  });

  it('knows its errors by their brand: each bundle has a class of its own', () => {
    expect(offenders(files, ({ text }) => /instanceof SluiceError\b/.test(text))).toEqual([]);
  });

  it('reads clock, timers, environment and chance in core/ from outside, but for the one real clock', () => {
    const elsewhere = core.filter(({ file }) => file !== 'core/metrics/clock.ts');
    const ambient = /\b(setTimeout|setInterval|Date\.now|performance\.now|Math\.random|process\.env)\b/;
    expect(
      offenders(elsewhere, ({ text }) => ambient.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))),
    ).toEqual([]);
  });

  it('reads what a server says of itself only to show it', () => {
    const shows = [
      'core/mcp/handshake.ts',
      'core/mcp/negotiation.ts',
      'core/mcp/serverInfo.ts',
      'core/servers/lifecycle.ts',
      'core/trace/traceEvent.ts',
      'ui/servers/connectionCommands.ts',
      'ui/latency/latencyMarkdown.ts',
      'ui/trace/formatTrace.ts',
    ];
    const reads = /\bimplementation\b|\bserverInfo['"]?\]|\/serverInfo'/;
    const code = ({ text }: { text: string }) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const elsewhere = files.filter(({ file }) => !shows.includes(file) && !file.startsWith('demo/'));
    expect(offenders(elsewhere, (one) => reads.test(code(one)))).toEqual([]);
  });

  it('never touches a global dispatcher', () => {
    expect(offenders(files, ({ text }) => /setGlobalDispatcher|undici\.globalDispatcher/.test(text))).toEqual(
      [],
    );
  });
});
