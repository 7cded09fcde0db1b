import { isSluiceError } from '../../core/errors.ts';
import { formatMs } from '../../core/trace/formatMs.ts';
import type { CallRecord } from '../callRecord.ts';
import { describeError, type ErrorAction } from '../errorText.ts';
import { Html, html } from '../html.ts';
import { contentHtml, openPart, valueHtml } from './contentHtml.ts';
import { STYLE } from './resultStyle.ts';
import { timingHtml } from './timingHtml.ts';

const MOST_BLOCKS = 100;

/** Commands that the page may run, and no other. */
export const PAGE_COMMANDS = [
  'sluice.copyResult',
  'sluice.openResultAsJson',
  'sluice.openResultPart',
  'sluice.repeatShownCall',
  'sluice.showTrace',
  'sluice.reconnect',
  'sluice.openSettings',
  'sluice.forgetInputs',
] as const;

/**
 * The page that shows how a call ended. It has no script, and everything a server sent is escaped.
 * @param nonce random, fresh for each page; the style sheet is allowed by it
 */
export function resultHtml(record: CallRecord, nonce: string): string {
  const policy = `default-src 'none'; img-src data:; media-src data:; style-src 'nonce-${nonce}'`;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">${new Html(STYLE)}</style>
<title>${record.tool}</title>
</head>
<body>
<header>
<h1>${record.tool}</h1>
<p class="facts"><span class="outcome ${outcomeOf(record)}">${OUTCOMES[outcomeOf(record)]}</span> · ${record.server} · ${formatMs(record.ms)} · ${new Date(record.time).toLocaleTimeString()}</p>
${timing(record)}
<nav>${action('repeatShownCall', 'Repeat')}${action('copyResult', 'Copy result')}${record.end.kind === 'result' ? action('openResultAsJson', 'Open as JSON') : undefined}${action('showTrace', 'Show trace', record.server)}</nav>
</header>
<main>${body(record)}</main>
${argumentsHtml(record)}
</body>
</html>`.markup;
}

type Outcome = 'ok' | 'tool-error' | 'failed' | 'cancelled';

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  ok: 'OK',
  'tool-error': 'Tool error',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export function outcomeOf({ end }: CallRecord): Outcome {
  if (end.kind === 'error') return describeError(end.error).code === 'cancelled' ? 'cancelled' : 'failed';
  return end.result.isError === true ? 'tool-error' : 'ok';
}

function timing({ end, ms }: CallRecord): Html | undefined {
  return end.kind === 'result' ? timingHtml(end.timing, ms, end.wire, end.drain) : undefined;
}

function body({ end, server }: CallRecord): Html {
  if (end.kind === 'error') return errorHtml(end.error, server);
  const { content, structuredContent, isError } = end.result;
  const blocks = content.slice(0, MOST_BLOCKS).map(contentHtml);
  const more = content.length - blocks.length;
  return html`
${isError === true ? html`<p class="banner">The tool answered that it failed.</p>` : undefined}
${violations(end.violations)}
${end.unchecked === undefined ? undefined : html`<p class="more">Not checked against the tool's output schema: ${end.unchecked}.</p>`}
<div class="${isError === true ? 'content failed' : 'content'}">${blocks}${more > 0 ? html`<p class="more">${more} more content blocks. ${action('openResultAsJson', 'Open as JSON')}</p>` : undefined}</div>
${content.length === 0 && structuredContent === undefined ? html`<p class="more">The result has no content.</p>` : undefined}
${structuredContent === undefined ? undefined : html`<section><h2>Structured content</h2>${valueHtml(structuredContent, openPart('structured'))}</section>`}`;
}

function violations(found: readonly string[]): Html | undefined {
  if (found.length === 0) return undefined;
  return html`<div class="banner"><p>The structured content breaks the tool's output schema:</p><ul>${found.map((one) => html`<li>${one}</li>`)}</ul></div>`;
}

function errorHtml(error: unknown, server: string): Html {
  const { message, hint, phase, delivery, code, actions } = describeError(error);
  const rpc = isSluiceError(error) ? error.rpc : undefined;
  return html`<div class="${code === 'cancelled' ? 'note' : 'banner'}">
<p><b>${message}</b></p>
${hint === undefined ? undefined : html`<p>${hint}</p>`}
<p class="more">${[code, phase].filter((part) => part !== undefined).join(', ')}. ${delivery}</p>
<p>${actions.map((name) => html`${errorAction(name, server)} `)}</p>
</div>
${rpc === undefined ? undefined : html`<section><h2>JSON-RPC error</h2>${valueHtml(rpc, new Html(''))}</section>`}`;
}

function errorAction(name: ErrorAction, server: string): Html {
  switch (name) {
    case 'trace':
      return action('showTrace', 'Show trace', server);
    case 'reconnect':
      return action('reconnect', 'Reconnect', server);
    case 'settings':
      return action('openSettings', 'Open settings', server);
    case 'inputs':
      return action('forgetInputs', 'Forget stored inputs', server);
  }
}

function argumentsHtml(record: CallRecord): Html | undefined {
  if (Object.keys(record.arguments).length === 0) return undefined;
  return html`<details><summary>Arguments</summary>${valueHtml(record.arguments, new Html(''))}</details>`;
}

function action(command: string, text: string, ...args: readonly string[]): Html {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  return html`<a class="action" href="command:sluice.${command}${query}">${text}</a>`;
}
