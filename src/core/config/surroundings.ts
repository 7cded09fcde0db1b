import { parseTemplate, type TemplatePart } from './template.ts';

export interface Folder {
  readonly name: string;
  /** Absolute path on this machine. */
  readonly path: string;
}

/** What variables are replaced from, apart from the user. */
export interface Surroundings {
  /** Undefined where it may not be read yet: a variable then stands for some text. */
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
  /** Folders of the workspace that are on this machine's disk. */
  readonly folders: readonly Folder[];
  /** The folder whose settings have the entry, where they are one folder's. */
  readonly home?: Folder | undefined;
}

/** Gives the value of `${input:NAME}`. */
export type InputValue = (name: string) => string;

/** `text` with its variables replaced; what cannot be replaced becomes nothing, and `checkVariables` tells of it. */
export function fill(text: string, surroundings: Surroundings, input: InputValue): string {
  return parseTemplate(text)
    .parts.map((part) => replacement(part, surroundings, input))
    .join('');
}

export function replacement(part: TemplatePart, surroundings: Surroundings, input: InputValue): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'env':
      return surroundings.env === undefined ? 'x' : (surroundings.env[part.name] ?? '');
    case 'input':
      return input(part.name);
    case 'workspaceFolder':
      return folderNamed(part.folder, surroundings)?.path ?? '';
  }
}

/**
 * The folder that `${workspaceFolder:name}` means, or, without a name, `${workspaceFolder}` and a relative path.
 * With several folders open only an entry of a folder's own settings can leave the name out.
 */
export function folderNamed(name: string | undefined, { folders, home }: Surroundings): Folder | undefined {
  if (name !== undefined) return folders.find((folder) => folder.name === name);
  return home ?? (folders.length === 1 ? folders[0] : undefined);
}
