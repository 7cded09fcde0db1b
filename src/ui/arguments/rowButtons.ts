import * as vscode from 'vscode';
import { line } from '../surfaces/line.ts';
import type { RowButton } from '../surfaces/window.ts';

/** Of a tool's row, in the list of tools and in that of its arguments. */
export const AS_JSON: RowButton = {
  iconPath: new vscode.ThemeIcon('json'),
  tooltip: line`Write the arguments as JSON`,
};

export const ABOUT: RowButton = {
  iconPath: new vscode.ThemeIcon('info'),
  tooltip: line`Read the whole description`,
};
