import { createHash } from 'node:crypto';

export const SKILLS_EXTENSION = 'io.modelcontextprotocol/skills';

/** A skill of the lab: what is promised of it, and what is served, which a test may make another thing. */
export interface LabSkill {
  /** Of `skills/list` and `skills/get`. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** URI -> content: a string is sent as `text`, bytes as `blob`. */
  readonly files: Map<string, string | Uint8Array>;
}

/** URI of the SKILL.md -> skill. A test may add its own to `lab.skills`. */
export type Skills = Map<string, LabSkill>;

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A skill that keeps its promise. `files` are named within its directory; SKILL.md must be one of them. */
export function labSkill(path: string, frontmatter: object, files: Files): LabSkill {
  const served = Object.entries(files).map(
    ([name, content]) => [`skill://${path}/${name}`, content] as const,
  );
  const resources = served.map(([uri, content]) => ({
    uri,
    digest: digestOf(content),
    size: Buffer.byteLength(content),
  }));
  return { entry: { uri: `skill://${path}/SKILL.md`, frontmatter, resources }, files: new Map(served) };
}

export function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

export const GREETING = `---
name: greeting
description: How to greet people
metadata:
  version: "1.2"
  since: 2026-01-01
---

Look into languages/.
`;

export const GREETING_FRONT_MATTER = {
  name: 'greeting',
  description: 'How to greet people',
  metadata: { version: '1.2', since: '2026-01-01' },
};

const greeting = labSkill('greeting', GREETING_FRONT_MATTER, {
  'SKILL.md': GREETING,
  'languages/french.md': 'Bonjour, ça va ?\n',
  'wave.png': Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 255),
});

const refunds = labSkill(
  'acme/billing/refunds',
  { name: 'refunds', description: 'How money is given back' },
  { 'SKILL.md': '---\nname: refunds\ndescription: How money is given back\n---\n' },
);

export function labSkills(): Skills {
  return new Map(
    [greeting, refunds].map(({ entry, files }) => [String(entry['uri']), { entry, files: new Map(files) }]),
  );
}

/** Undefined where no skill has such a file. */
export function skillFile(skills: Skills, uri: string) {
  for (const { files } of skills.values()) {
    const content = files.get(uri);
    if (typeof content === 'string') return { contents: [{ uri, mimeType: 'text/markdown', text: content }] };
    if (content !== undefined)
      return { contents: [{ uri, mimeType: 'image/png', blob: Buffer.from(content).toString('base64') }] };
  }
  return undefined;
}
