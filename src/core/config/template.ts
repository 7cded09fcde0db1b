import type { Mistake } from './configProblem.ts';

/**
 * A string of settings, cut into what is literal and what is to be replaced:
 * `${env:NAME}`, `${input:NAME}`, `${workspaceFolder}` and `${workspaceFolder:name}`.
 */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'workspaceFolder'; readonly folder: string | undefined };

export interface Template {
  readonly parts: readonly TemplatePart[];
  /** A text that looks like a variable and is not one. An error where it cannot be meant to be sent as written. */
  readonly mistakes: readonly (Mistake & { readonly severity: 'error' | 'warning' })[];
}

const NAME = '[^\\s:{}$](?:[^:{}$]*[^\\s:{}$])?';
const ENV = new RegExp(`^env:(${NAME})$`);
const INPUT = new RegExp(`^input:(${NAME})$`);

export function parseTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  const mistakes: Template['mistakes'][number][] = [];
  // Split by a pattern with one group: the odd pieces are what stood between the braces.
  for (const [index, piece] of text.split(/\$\{([^{}]*)\}/).entries()) {
    if (index % 2 === 0) {
      if (piece !== '') parts.push({ kind: 'text', text: piece });
      mistakes.push(...strayVariables(piece));
      continue;
    }
    const part = variable(piece);
    if (part === undefined) {
      const found = `found "\${${piece}}", which is not a variable of Sluice`;
      mistakes.push({ found, hint: suggest(piece), severity: 'error' });
    } else {
      parts.push(part);
    }
  }
  return { parts, mistakes };
}

export function hasVariables(text: string): boolean {
  return text.includes('${');
}

function variable(body: string): TemplatePart | undefined {
  const env = ENV.exec(body)?.[1];
  if (env !== undefined) return { kind: 'env', name: env };
  const input = INPUT.exec(body)?.[1];
  if (input !== undefined) return { kind: 'input', name: input };
  if (body === 'workspaceFolder') return { kind: 'workspaceFolder', folder: undefined };
  const folder = /^workspaceFolder:(.+)$/.exec(body)?.[1];
  return folder === undefined ? undefined : { kind: 'workspaceFolder', folder };
}

/** What to write for a variable that other tools know, or that was spelt in another way. */
function suggest(body: string): string {
  const text = body.trim();
  const known = variable(text);
  if (known !== undefined) return `write "\${${text}}", without the spaces`;
  if (/^workspace_?(root|folder|dir)$/i.test(text)) return `write "\${workspaceFolder}"`;
  if (/^user_?home$/i.test(text)) return `write "\${env:HOME}", on Windows "\${env:USERPROFILE}"`;
  const input = /^(?:input|prompt|promptString|secret|password)[:.]\s*([\w.-]+)$/i.exec(text)?.[1];
  if (input !== undefined) return `write "\${input:${input}}"`;
  const env = /^(?:(?:process\.)?env(?:ironment)?[:.]\s*)?([A-Za-z_]\w*)(?::?[-=?+].*)?$/i.exec(text)?.[1];
  if (
    env !== undefined &&
    !/^(file|relativeFile|selectedText|lineNumber|cwd|execPath|pathSeparator)/.test(text)
  ) {
    return `write "\${env:${env}}" for an environment variable, or "\${input:${env}}" to be asked`;
  }
  return `write the value itself, or "\${env:NAME}", "\${input:NAME}" or "\${workspaceFolder}"`;
}

/** Variables as shells, PowerShell and template languages write them, and braces left open. */
function strayVariables(text: string): Template['mistakes'] {
  const open = /\$\{[\w:.-]*/.exec(text)?.[0];
  if (open !== undefined) {
    return [
      {
        found: `found "${open}", which is not closed`,
        hint: 'write "}" after the variable',
        severity: 'error',
      },
    ];
  }
  const braces = /\{\{?\s*((?:env|input):[^{}]+?|workspaceFolder(?::[^{}]+?)?)\s*\}\}?/.exec(text);
  if (braces !== null) {
    const hint = `write "\${${braces[1]}}"`;
    return [{ found: `found "${braces[0]}", which is not a variable`, hint, severity: 'error' }];
  }
  // A warning: these are legal in a URL, in a password and in a path, and may be meant.
  const other = /(?<![\w$])\$(?:env:)?([A-Z_][A-Z0-9_]+)(?!\w)|\{\{\s*(\w+)\s*\}\}/.exec(text);
  if (other !== null) {
    const hint = `write "\${env:${other[1] ?? other[2]}}" if an environment variable is meant`;
    return [{ found: `found "${other[0]}", which is sent as it is written`, hint, severity: 'warning' }];
  }
  return [];
}
