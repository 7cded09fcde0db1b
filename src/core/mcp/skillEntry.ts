import { isObject } from '../jsonrpc/message.ts';
import { MAX_DEPTH } from './frontMatter.ts';

/** "Hosts MUST support skills up to and including these limits" (ext-skills, Limits); larger ones are declined. */
const MAX_FILES = 512;
/** Bytes of all files of a skill; and of one whose size nobody promised. */
export const MAX_SKILL_BYTES = 16_777_216;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Why what a server says of a skill cannot be used; undefined where it is a `Skill`. */
export function entryProblem(entry: unknown): string | undefined {
  if (!isObject(entry) || typeof entry['uri'] !== 'string') return 'it has no "uri"';
  const { uri, frontmatter, resources } = entry;
  if (!isObject(frontmatter)) return 'it has no "frontmatter"';
  const { name, description } = frontmatter;
  if (typeof name !== 'string' || typeof description !== 'string')
    return 'its "frontmatter" has no "name" or no "description"';
  if (isDeeperThan(MAX_DEPTH, frontmatter)) return `its "frontmatter" is nested deeper than ${MAX_DEPTH}`;
  // "The final segment of <skill-path> MUST equal the skill's name"
  if (!/^[^/]+$/.test(name) || !uri.endsWith(`/${name}/SKILL.md`))
    return 'its URI does not end with the "name" of its "frontmatter" and SKILL.md';
  if (resources === 'dynamic') return undefined;
  return Array.isArray(resources)
    ? filesProblem(uri, resources)
    : 'its "resources" are neither a list nor "dynamic"';
}

/** Whether a URI is of a file in the directory of a skill, or in one below it. */
export function isFileOf(skill: string, uri: string): boolean {
  const directory = skill.slice(0, skill.lastIndexOf('/') + 1);
  if (!uri.startsWith(directory)) return false;
  return uri.slice(directory.length).split('/').every(isPlainSegment);
}

/** Neither empty, nor a step up or aside, however it is written. */
function isPlainSegment(segment: string): boolean {
  return segment !== '' && !/^(?:\.|%2e){1,2}$/i.test(segment) && !/[?#\\]|%2f|%5c/i.test(segment);
}

function isDeeperThan(most: number, value: object): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

function filesProblem(skill: string, resources: readonly unknown[]): string | undefined {
  if (resources.length > MAX_FILES)
    return `it has ${resources.length} files, and at most ${MAX_FILES} are accepted`;
  const seen = new Set<string>();
  let bytes = 0;
  for (const file of resources) {
    if (!isObject(file) || typeof file['uri'] !== 'string') return 'one of its "resources" has no "uri"';
    const { uri, digest, size } = file;
    const named = JSON.stringify(uri);
    if (!isFileOf(skill, uri)) return `${named} of its "resources" is not in its directory`;
    if (seen.has(uri)) return `its "resources" have ${named} twice`;
    if (typeof digest !== 'string' || !DIGEST.test(digest))
      return `the "digest" of ${named} is not sha256: and 64 hexadecimal digits in lower case`;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      return `the "size" of ${named} is not a number of bytes`;
    seen.add(uri);
    bytes += size;
  }
  if (bytes > MAX_SKILL_BYTES)
    return `its files have ${bytes} bytes, and at most ${MAX_SKILL_BYTES} are accepted`;
  return seen.has(skill) ? undefined : 'its "resources" do not have its SKILL.md';
}
