import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { SluiceError, type SluiceErrorDetails } from '../errors.ts';
import { frontMatterOf } from './frontMatter.ts';
import type { ResourceContents, Skill, SkillResource } from './mcpTypes.ts';
import { isFileOf, MAX_SKILL_BYTES } from './skillEntry.ts';

/** Fields that are told of front matter that differs, and characters of each value. */
const MAX_TOLD = 3;
const MAX_TOLD_LENGTH = 120;

/**
 * What was promised of a file; undefined where nothing was, because the skill is dynamic.
 * @throws SluiceError where it is no file of the skill: "an unlisted file is a change to the skill"
 */
export function promisedFile({ uri: skill, resources }: Skill, uri: string): SkillResource | undefined {
  const promised = resources === 'dynamic' ? undefined : resources.find((file) => file.uri === uri);
  if (resources === 'dynamic' ? !isFileOf(skill, uri) : promised === undefined)
    throw unlike(skill, `${uri} is not one of its files`, { delivery: 'not-sent' });
  return promised;
}

/**
 * Checks what was read against what was promised (ext-skills, Integrity and Verification). It says that the two belong
 * together, not that either can be trusted: both come from the same server.
 * @throws SluiceError `verification-failed`: nothing of the content may be used
 */
export function verify(skill: Skill, promised: SkillResource | undefined, content: ResourceContents): void {
  const { uri, text, blob = '' } = content;
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from(blob, 'base64');
  const size = bytes.length;
  if (promised === undefined && size > MAX_SKILL_BYTES)
    throw unlike(skill.uri, `${uri} has ${size} bytes, and at most ${MAX_SKILL_BYTES} are accepted`);
  if (promised !== undefined && size !== promised.size)
    throw unlike(skill.uri, `${uri} has ${size} bytes, and ${promised.size} were promised`);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (promised !== undefined && digest !== promised.digest)
    throw unlike(skill.uri, `${uri} has the digest ${digest}, and ${promised.digest} was promised`);
  // That of a skill inside this one is a file like others: "hosts MUST NOT act on its frontmatter".
  if (uri === skill.uri) verifyFrontMatter(skill, bytes.toString('utf8'));
}

function verifyFrontMatter({ uri, frontmatter: promised }: Skill, text: string): void {
  const found = frontMatterOf(text);
  if (found.kind === 'unreadable') throw unlike(uri, `of ${uri}, ${found.problem}`);
  const differing = [...new Set([...Object.keys(promised), ...Object.keys(found.fields)])]
    .filter((name) => !isDeepStrictEqual(field(found.fields, name), field(promised, name)))
    .map((name) => `"${name}" is ${told(found.fields, name)}, and ${told(promised, name)} was promised`);
  if (differing.length === 0) return;
  const more = differing.length > MAX_TOLD ? `; and ${differing.length - MAX_TOLD} more` : '';
  throw unlike(uri, `in the front matter of ${uri}, ${differing.slice(0, MAX_TOLD).join('; ')}${more}`);
}

/** Undefined where it is missing, whatever it is called. */
function field(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function told(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = JSON.stringify(field(fields, name)) ?? 'nothing';
  return value.length > MAX_TOLD_LENGTH ? `${value.slice(0, MAX_TOLD_LENGTH)}…` : value;
}

function unlike(
  skill: string,
  found: string,
  details: SluiceErrorDetails = { phase: 'response', delivery: 'answered' },
): SluiceError {
  return new SluiceError('verification-failed', `The skill ${skill} is not what was promised: ${found}`, {
    ...details,
    hint: 'Nothing of it was used. If the skill has changed, list the skills again and look at what changed before you read it.',
  });
}
