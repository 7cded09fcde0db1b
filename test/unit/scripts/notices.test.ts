import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundles } from '../../../scripts/bundles.ts';
import { root } from '../../../scripts/host/paths.ts';
import { thirdPartyNotices } from '../../../scripts/notices.ts';

/** The line under each double rule. */
function headings(notices: string): string[] {
  return [...notices.matchAll(/^={80}\n(.+)$/gm)].map(([, heading = '']) => heading);
}

function nameOf(heading: string): string {
  return heading.replace(/,? .*/, '');
}

describe('the notices of what is in the VSIX', () => {
  let metafiles: Metafile[] = [];
  let notices = '';
  /** Bundled files of packages, as the bundler names them. */
  let files: string[] = [];

  beforeAll(async () => {
    metafiles = await Promise.all(
      bundles({ production: true }).map(async (options) => {
        const built = await build({ ...options, absWorkingDir: root, metafile: true, write: false });
        return built.metafile;
      }),
    );
    notices = thirdPartyNotices(metafiles, root);
    files = metafiles
      .flatMap(({ outputs }) => Object.values(outputs))
      .flatMap(({ inputs }) => Object.keys(inputs))
      .filter((file) => file.includes('node_modules/'));
  }, 60_000);

  it('name each package of each bundle, with its version', async () => {
    const homes = new Set(files.map((file) => file.replace(/(node_modules\/(@[^/]+\/)?[^/]+)\/.*/, '$1')));
    expect(homes.size).toBeGreaterThanOrEqual(8);
    for (const home of homes) {
      const manifest = await readFile(path.join(root, home, 'package.json'), 'utf8');
      const { name, version, license } = JSON.parse(manifest) as Record<string, string>;
      expect(headings(notices)).toContain(`${name} ${version} (${license})`);
    }
  });

  it('name nothing that is not bundled', async () => {
    const code = await Promise.all(files.map((file) => readFile(path.join(root, file), 'utf8')));
    for (const heading of headings(notices)) {
      const folder = `node_modules/${nameOf(heading)}/`;
      const bundled = heading.includes(', inside ')
        ? code.some((text) => text.includes(folder))
        : files.some((file) => file.startsWith(folder));
      expect(bundled, heading).toBe(true);
    }
  });

  it('name the packages that a package was published with', () => {
    const inside = headings(notices).filter((heading) => heading.includes(', inside '));
    expect(inside).toContain('ajv, inside @modelcontextprotocol/server');
    expect(inside).toContain('fast-uri, inside @modelcontextprotocol/server');
  });

  it('hold the licence of a part of a package, also where the package leaves it out', () => {
    const undici = notices.slice(notices.indexOf('\nundici '));
    for (const author of ['Matteo Collina', 'Fedor Indutny']) expect(undici).toContain(author);
    expect(notices).toContain('Jeremy Danyow');
  });

  it('hold no licence of a part that is not bundled', () => {
    // undici's fetch, and its second parser.
    for (const author of ['Ethan Arrowood', 'Paolo Insogna']) expect(notices).not.toContain(author);
  });

  it('are the same however the bundles come', () => {
    expect(thirdPartyNotices([...metafiles].reverse(), root)).toBe(notices);
    expect(headings(notices).map(nameOf)).toEqual(headings(notices).map(nameOf).sort());
  });
});

describe('notices of a project', () => {
  let project = '';

  beforeEach(async () => {
    project = await mkdtemp(path.join(tmpdir(), 'sluice-notices-'));
  });
  afterEach(() => rm(project, { recursive: true }));

  async function lay(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(path.join(project, file)), { recursive: true });
    await writeFile(path.join(project, file), text);
  }

  async function install(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    const manifest = { name, version: '1.2.3', license: 'Apache-2.0', main: 'index.js' };
    await lay(`node_modules/${name}/package.json`, JSON.stringify(manifest));
    for (const [file, text] of Object.entries(files)) await lay(`node_modules/${name}/${file}`, text);
  }

  /** Bundles `code`, and gives its notices. */
  async function noticesOf(code: string): Promise<string> {
    await lay('main.js', code);
    const options = { absWorkingDir: project, entryPoints: ['main.js'], bundle: true, minify: true };
    const { metafile } = await build({ ...options, metafile: true, write: false });
    return thirdPartyNotices([metafile], project);
  }

  it('fail where a bundled package has no licence, and say which one and what to do', async () => {
    await install('@some/bare', { 'index.js': 'console.log("x")', 'license.js': '', 'README.md': 'MIT' });
    await expect(noticesOf('import "@some/bare"')).rejects.toThrow(
      "No licence's text comes with @some/bare 1.2.3 (Apache-2.0). " +
        'Lay the one of its repository into scripts/licenses/@some/bare/.',
    );
    await lay('scripts/licenses/@some/bare/LICENSE', 'You may.');
    expect(await noticesOf('import "@some/bare"')).toContain('You may.');
  });

  it('fail where a package within a package has none', async () => {
    const code =
      '//#region ../node_modules/.pnpm/inner@1.0.0/node_modules/inner/index.js\nconsole.log("y")\n';
    await install('outer', { 'index.js': code, LICENSE: 'Outer.' });
    await expect(noticesOf('import "outer"')).rejects.toThrow('inner, inside outer');
    await install('inner', { LICENSE: 'Inner.' });
    expect(headings(await noticesOf('import "outer"'))).toEqual([
      'inner, inside outer',
      'outer 1.2.3 (Apache-2.0)',
    ]);
  });

  it.each(['LICENSE', 'LICENCE.txt', 'license.md', 'LICENSE-MIT', 'COPYING', 'UNLICENSE'])(
    'find a licence in %s',
    async (file) => {
      await install('some', { 'index.js': 'console.log("x")', [file]: 'You may.' });
      expect(await noticesOf('import "some"')).toContain('You may.');
    },
  );

  it('take NOTICE and the notices of others along, but not as a licence', async () => {
    await install('some', {
      'index.js': 'console.log("x")',
      NOTICE: 'Made by us.',
      'ThirdPartyNotices.txt': 'And by them.',
    });
    await expect(noticesOf('import "some"')).rejects.toThrow('some 1.2.3');
    await lay('node_modules/some/LICENSE', 'You may.');
    const notices = await noticesOf('import "some"');
    for (const text of ['You may.', 'Made by us.', 'And by them.']) expect(notices).toContain(text);
  });

  it('take along the licence of a part that is used', async () => {
    await install('some', { 'index.js': 'import "./part/it.js"', LICENSE: 'All.' });
    await lay('node_modules/some/part/it.js', 'console.log("x")');
    await lay('node_modules/some/part/LICENSE', 'This part.');
    const notices = await noticesOf('import "some"');
    for (const text of ['All.', 'This part.']) expect(notices).toContain(text);
  });

  it('leave out what the bundler leaves out: packages not imported, and folders not used', async () => {
    await install('used', {
      'index.js': 'console.log("x")',
      LICENSE: 'Used.',
      'other/LICENSE': 'Other part.',
    });
    await install('shaken', { 'index.js': 'export const one = 1;', LICENSE: 'Shaken.' });
    await install('installed', { 'index.js': '', LICENSE: 'Installed.' });
    const notices = await noticesOf('import "used"; import { one } from "shaken";');
    expect(headings(notices)).toEqual(['used 1.2.3 (Apache-2.0)']);
    expect(notices).not.toContain('Other part.');
  });

  it('keep two versions of a package apart', async () => {
    await install('twice', { 'index.js': 'console.log("x")', LICENSE: 'Outer one.' });
    await install('user', { 'index.js': 'import "twice"; console.log("u")', LICENSE: 'User.' });
    await install('user/node_modules/twice', { 'index.js': 'console.log("y")', LICENSE: 'Inner one.' });
    const notices = await noticesOf('import "twice"; import "user";');
    for (const text of ['Outer one.', 'Inner one.', 'User.']) expect(notices).toContain(text);
  });

  it('fail where a text was laid down for what is no longer bundled', async () => {
    await lay('scripts/licenses/gone/LICENSE', 'Gone.');
    await expect(noticesOf('console.log("nothing")')).rejects.toThrow(
      'Nothing that is bundled needs scripts/licenses/gone/LICENSE: remove it.',
    );
  });
});
