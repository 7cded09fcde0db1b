/** The style sheet that all pages share: colours and fonts are the editor's own, so that every theme fits. */
export const PAGE_STYLE = `
body { padding: 0 20px 20px; font: var(--vscode-font-size)/1.5 var(--vscode-font-family); color: var(--vscode-foreground); }
h1 { margin: 16px 0 0; font-size: 1.5em; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 16px 0 4px; font-size: 1em; font-weight: 600; overflow-wrap: anywhere; }
h2 small { font-weight: normal; color: var(--vscode-descriptionForeground); }
p { margin: 4px 0; }
a { color: var(--vscode-textLink-foreground); }
a:focus-visible, summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.facts { color: var(--vscode-descriptionForeground); }
nav { margin: 12px 0; display: flex; flex-wrap: wrap; gap: 8px; }
.action { display: inline-block; padding: 2px 10px; border-radius: 2px; text-decoration: none;
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground);
  border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); }
.action:hover { background: var(--vscode-button-secondaryHoverBackground); }
.banner { margin: 8px 0; padding: 8px 12px; border-radius: 3px; overflow-wrap: anywhere;
  color: var(--vscode-inputValidation-errorForeground, var(--vscode-foreground));
  background: var(--vscode-inputValidation-errorBackground);
  border: 1px solid var(--vscode-inputValidation-errorBorder); }
.note { margin: 8px 0; padding: 8px 12px; border-radius: 3px; background: var(--vscode-textBlockQuote-background);
  border: 1px solid var(--vscode-contrastBorder, transparent); }
`;
