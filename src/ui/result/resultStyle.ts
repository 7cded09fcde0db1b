/** The rules of the page of a result, after those that all pages share. */
export const RESULT_STYLE = `
.more, .timing, figcaption { color: var(--vscode-descriptionForeground); }
.outcome { font-weight: 600; }
.outcome.ok { color: var(--vscode-charts-green); }
.outcome.tool-error, .outcome.failed { color: var(--vscode-errorForeground); }
pre { margin: 4px 0; padding: 10px 12px; overflow: auto; border-radius: 3px; white-space: pre-wrap; overflow-wrap: anywhere;
  font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size);
  color: var(--vscode-editor-foreground); background: var(--vscode-textCodeBlock-background);
  border: 1px solid var(--vscode-contrastBorder, transparent); }
pre.text { unicode-bidi: plaintext; }
pre bdi { unicode-bidi: isolate; }
pre i { color: var(--vscode-descriptionForeground); }
pre .name { color: var(--vscode-debugTokenExpression-name); }
pre .string { color: var(--vscode-debugTokenExpression-string); }
pre .number { color: var(--vscode-debugTokenExpression-number); }
pre .word { color: var(--vscode-debugTokenExpression-boolean); }
.banner .more { color: inherit; }
.banner ul, .note ul { margin: 4px 0; padding-left: 20px; }
.content.failed pre { border-left: 3px solid var(--vscode-errorForeground); }
figure { margin: 12px 0; }
img { max-width: 100%; background: var(--vscode-textCodeBlock-background); }
details { margin-top: 20px; }
summary { cursor: pointer; font-weight: 600; }
.timing { margin: 12px 0; font-size: 0.92em; }
.timing b { font-weight: 600; color: var(--vscode-foreground); }
.phase { display: inline-block; margin-right: 12px; white-space: nowrap; }
.bar { display: block; border-radius: 2px; margin-bottom: 6px; }
.bar rect { stroke: var(--vscode-editor-background); stroke-width: 1px; }
.before { fill: var(--vscode-charts-foreground); }
.queued { fill: var(--vscode-charts-orange, var(--vscode-editorWarning-foreground, var(--vscode-charts-foreground))); }
.connect { fill: var(--vscode-terminal-ansiCyan); }
.sent { fill: var(--vscode-charts-yellow); }
.headers { fill: var(--vscode-charts-blue); }
.first-event { fill: var(--vscode-charts-green); }
.response { fill: var(--vscode-charts-purple); }
.drained { fill: var(--vscode-charts-lines, var(--vscode-descriptionForeground)); }
`;
