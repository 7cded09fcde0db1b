import * as vscode from 'vscode';
import type { Probe } from '../../core/diagnosis/diagnosis.ts';
import type { Tool } from '../../core/mcp/mcpTypes.ts';
import type { ToolCall } from '../callRecord.ts';
import { plainText } from '../plainText.ts';

export interface AskProbeOptions {
  readonly server: string;
  readonly era: 'modern' | 'legacy';
  readonly tools: readonly Tool[];
  /** Asks for the arguments of a tool; undefined where the user left. */
  readonly askArguments: (tool: string) => Promise<ToolCall | undefined>;
}

type Item = vscode.QuickPickItem & { readonly tool?: string };

/** Asks what is to be called, the smallest request first. Undefined where the user left. */
export async function askProbe(options: AskProbeOptions): Promise<Probe | undefined> {
  const { server, era, tools, askArguments } = options;
  const smallest: Item = {
    label: era === 'modern' ? 'server/discover' : 'ping',
    description: 'the smallest request',
    detail: 'Shows how the server treats its connections. It runs no tool.',
  };
  const items: Item[] = [
    smallest,
    ...group('tools that only read', tools.filter(onlyReads)),
    ...group(
      'tools that may change something',
      tools.filter((tool) => !onlyReads(tool)),
    ),
  ];
  const title = `Sluice: Diagnose ${plainText(server, 100)}`;
  const placeHolder = 'What to ask, about thirty times';
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDetail: true });
  if (picked === undefined) return undefined;
  if (picked.tool === undefined) return { kind: 'ping' };
  const call = await askArguments(picked.tool);
  return call && { kind: 'tool', tool: call.tool, arguments: call.arguments };
}

/** The tool says that it changes nothing. */
export function onlyReads(tool: Tool | undefined): boolean {
  return tool?.annotations?.readOnlyHint === true;
}

function group(label: string, tools: readonly Tool[]): Item[] {
  if (tools.length === 0) return [];
  return [
    { label, kind: vscode.QuickPickItemKind.Separator },
    ...tools.map(({ name, description }) => ({
      label: name,
      tool: name,
      ...(description ? { detail: plainText(description, 200) } : {}),
    })),
  ];
}
