import * as vscode from 'vscode';
import type { Probe } from '../../core/diagnosis/diagnosis.ts';
import type { Tool } from '../../core/mcp/mcpTypes.ts';
import type { ToolCall } from '../history/shownCall.ts';
import { type Line, line, lineOf } from '../surfaces/line.ts';
import { pickRow } from '../surfaces/pickRow.ts';
import type { Row } from '../surfaces/window.ts';
import { readsOnly } from '../tools/toolHints.ts';

export interface AskProbeOptions {
  /** Its name as it is shown. */
  readonly shownServer: string;
  readonly era: 'modern' | 'legacy';
  readonly tools: readonly Tool[];
  /** Asks for the arguments of a tool; undefined where the user left. */
  readonly askArguments: (tool: string) => Promise<ToolCall | undefined>;
}

type Item = Row & { readonly tool?: string };

/** Asks what is to be called, the smallest request first. Undefined where the user left. */
export async function askProbe(options: AskProbeOptions): Promise<Probe | undefined> {
  const { shownServer, era, tools, askArguments } = options;
  const smallest: Item = {
    label: era === 'modern' ? line`server/discover` : line`ping`,
    description: line`the smallest request`,
    detail: line`Runs no tool. Shows how connections are treated, not how tools answer.`,
  };
  const items: Item[] = [
    smallest,
    ...group(line`tools that only read`, tools.filter(readsOnly)),
    ...group(
      line`tools that may change something`,
      tools.filter((tool) => !readsOnly(tool)),
    ),
  ];
  const title = line`Sluice: Diagnose ${shownServer}`;
  const placeHolder = line`What to ask, about thirty times`;
  const picked = await pickRow(items, { title, placeHolder, matchOnDetail: true });
  if (picked === undefined) return undefined;
  if (picked.tool === undefined) return { kind: 'ping' };
  const call = await askArguments(picked.tool);
  return call && { kind: 'tool', tool: call.tool, arguments: call.arguments };
}

function group(label: Line, tools: readonly Tool[]): Item[] {
  if (tools.length === 0) return [];
  return [
    { label, kind: vscode.QuickPickItemKind.Separator },
    ...tools.map(({ name, description }) => ({
      label: line`${name}`,
      tool: name,
      ...(description ? { detail: lineOf(description, 200) } : {}),
    })),
  ];
}
