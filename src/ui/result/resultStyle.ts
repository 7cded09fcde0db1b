/** The page's style sheet: colours and fonts are the editor's own, so that every theme fits. */
export const STYLE = `
body { padding: 0 20px 20px; font: var(--vscode-font-size)/1.5 var(--vscode-font-family); color: var(--vscode-foreground); }
h1 { margin: 16px 0 0; font-size: 1.5em; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 16px 0 4px; font-size: 1em; font-weight: 600; overflow-wrap: anywhere; }
h2 small { font-weight: normal; color: var(--vscode-descriptionForeground); }
p { margin: 4px 0; }
a { color: var(--vscode-textLink-foreground); }
a:focus-visible, summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.facts, .more, .timing, figcaption { color: var(--vscode-descriptionForeground); }
.outcome { font-weight: 600; }
.outcome.ok { color: var(--vscode-charts-green); }
.outcome.tool-error, .outcome.failed { color: var(--vscode-errorForeground); }
nav { margin: 12px 0; display: flex; flex-wrap: wrap; gap: 8px; }
.action { display: inline-block; padding: 2px 10px; border-radius: 2px; text-decoration: none;
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground);
  border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); }
.action:hover { background: var(--vscode-button-secondaryHoverBackground); }
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
.banner { margin: 8px 0; padding: 8px 12px; border-radius: 3px; overflow-wrap: anywhere;
  color: var(--vscode-inputValidation-errorForeground, var(--vscode-foreground));
  background: var(--vscode-inputValidation-errorBackground);
  border: 1px solid var(--vscode-inputValidation-errorBorder); }
.note { margin: 8px 0; padding: 8px 12px; border-radius: 3px; background: var(--vscode-textBlockQuote-background);
  border: 1px solid var(--vscode-contrastBorder, transparent); }
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
