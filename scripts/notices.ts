// What the VSIX says of the packages in its bundles: each by name, with the texts that it asks to go along. The list is the
// bundler's own, and a package without a licence's text fails the build.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';

/** Relative to the project. */
export const noticesFile = 'ThirdPartyNotices.txt';

/**
 * Texts that a package's authors publish in its repository and leave out of the package, in the folders where they belong:
 * `undici/lib/llhttp/LICENSE` speaks for what is in `node_modules/undici/lib/llhttp`.
 */
const supplements = 'scripts/licenses';

const modules = 'node_modules/';
const licence = /^(un)?licen[cs]e([-.](?!(js|ts|json)$)|$)|^copying/i;
const notice = /^(notice|third[-_ ]?party[-_ ]?notices?)(\.(txt|md))?$/i;

/** A package that is in a bundle. */
interface Bundled {
  readonly name: string;
  /** Where it is installed, relative to the project. */
  readonly home: string;
  /** The package that was published with this one inside. The bundler does not know of such a one. */
  readonly carrier?: Bundled;
  /** Its folders that hold what is bundled, relative to the package. */
  readonly folders: Set<string>;
}

interface Manifest {
  readonly version: string;
  readonly license?: string;
}

/**
 * The text of `noticesFile`, the same for the same bundles.
 * @param project the folder that the paths of `metafiles` are relative to
 * @throws where a bundled package has no licence's text, or a supplement speaks for nothing that is bundled
 */
export function thirdPartyNotices(metafiles: readonly Metafile[], project: string): string {
  const notices = bundledPackages(metafiles, project).map((bundled) => ({
    bundled,
    title: title(bundled, project),
    texts: textsOf(bundled, project),
  }));
  const bare = notices.filter(({ texts }) => !texts.some(({ file }) => licence.test(path.basename(file))));
  if (bare.length > 0) {
    throw new Error(
      `No licence's text comes with ${bare.map((one) => one.title).join('; ')}. ` +
        `Lay the one of its repository into ${bare.map(({ bundled }) => `${supplements}/${bundled.name}/`).join(', ')}.`,
    );
  }
  const used = new Set(notices.flatMap(({ texts }) => texts.map(({ source }) => source)));
  const unused = filesBelow(supplements, project).filter((file) => !used.has(file));
  if (unused.length > 0) throw new Error(`Nothing that is bundled needs ${unused.join(', ')}: remove it.`);
  return [
    `Sluice holds code of these ${notices.length} packages, under these terms.\n`,
    ...notices.map((one) => section(one.title, one.texts, project)),
  ].join('\n');
}

/** Those whose code is in an output, by name; what the bundler found but left out does not count. */
function bundledPackages(metafiles: readonly Metafile[], project: string): readonly Bundled[] {
  const files = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => file);
  const packages = new Map<string, Bundled>();
  const add = (home: string, inPackage: string, carrier?: Bundled): Bundled => {
    const name = home.slice(home.lastIndexOf(modules) + modules.length);
    const found = packages.get(home) ?? { name, home, folders: new Set(), ...(carrier && { carrier }) };
    packages.set(home, found);
    found.folders.add(path.posix.dirname(inPackage));
    return found;
  };
  const carriers = files.flatMap((file) => {
    const place = placeOf(file);
    return place === undefined ? [] : [{ file, carrier: add(place.home, place.inPackage) }];
  });
  // After all of those: a package that is bundled for itself too is told of once, as that.
  for (const { file, carrier } of carriers) {
    for (const inner of inlined(path.join(project, file))) {
      const place = placeOf(inner);
      if (place !== undefined) add(modules + place.name, place.inPackage, carrier);
    }
  }
  return [...packages.values()].sort((one, other) => (one.home < other.home ? -1 : 1));
}

/** The package that a file belongs to, and where in it. */
function placeOf(file: string): { home: string; name: string; inPackage: string } | undefined {
  const [, home, name, inPackage] = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\/(.+)$/.exec(file) ?? [];
  return home === undefined || name === undefined || inPackage === undefined
    ? undefined
    : { home, name, inPackage };
}

/** The files of other packages that a package's own bundler has laid into this file, as its comments name them. */
function inlined(file: string): readonly string[] {
  const comments = readFileSync(file, 'utf8').matchAll(/^\/\/ ?#region (.*node_modules\/.*)$/gm);
  return [...comments].map(([, inner = '']) => inner);
}

interface Text {
  /** Relative to the package. */
  readonly file: string;
  /** Relative to the project. */
  readonly source: string;
}

/** The licences and notices of each bundled file's folder, and of the folders around it up to the package's own. */
function textsOf({ name, home, folders }: Bundled, project: string): readonly Text[] {
  const around = new Set(['.']);
  for (const folder of folders) for (let up = folder; up !== '.'; up = path.posix.dirname(up)) around.add(up);
  return [...around].sort().flatMap((folder) =>
    [home, path.posix.join(supplements, name)].flatMap((place) => {
      const directory = path.posix.join(place, folder);
      return list(path.join(project, directory))
        .filter((file) => licence.test(file) || notice.test(file))
        .map((file) => ({ file: path.posix.join(folder, file), source: path.posix.join(directory, file) }));
    }),
  );
}

function title(bundled: Bundled, project: string): string {
  const { name, home, carrier } = bundled;
  if (carrier !== undefined) return `${name}, inside ${carrier.name}`;
  const manifest = readFileSync(path.join(project, home, 'package.json'), 'utf8');
  const { version, license } = JSON.parse(manifest) as Manifest;
  return `${name} ${version}${license === undefined ? '' : ` (${license})`}`;
}

function section(heading: string, texts: readonly Text[], project: string): string {
  const bodies = texts.map(({ file, source }) => {
    const text = readFileSync(path.join(project, source), 'utf8').replaceAll('\r\n', '\n').trim();
    return `-- ${file}\n\n${text}\n`;
  });
  return [`${'='.repeat(80)}\n${heading}\n`, ...bodies].join('\n');
}

/** All files below a folder, relative to the project as the folder is. */
function filesBelow(folder: string, project: string): readonly string[] {
  return list(path.join(project, folder)).flatMap((name) => {
    const file = path.posix.join(folder, name);
    return statSync(path.join(project, file)).isDirectory() ? filesBelow(file, project) : [file];
  });
}

function list(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}
