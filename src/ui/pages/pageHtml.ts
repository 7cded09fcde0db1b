import { Html, html } from '../surfaces/html.ts';
import { PAGE_STYLE } from './pageStyle.ts';

export interface PageContent {
  readonly title: Html | string;
  /** Rules of this page, after those that all pages share. */
  readonly style: string;
  /** Whether it shows pictures and sounds, from `data:` URLs only. */
  readonly hasMedia: boolean;
  readonly body: Html;
}

/**
 * A page of a panel. It has no script, and its policy lets it load nothing.
 * @param nonce random, fresh for each page; the style sheet is allowed by it
 */
export function pageHtml({ title, style, hasMedia, body }: PageContent, nonce: string): string {
  const media = hasMedia ? 'img-src data:; media-src data:; ' : '';
  const policy = `default-src 'none'; ${media}style-src 'nonce-${nonce}'`;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">${new Html(PAGE_STYLE + style)}</style>
<title>${title}</title>
</head>
<body>
${body}
</body>
</html>`.markup;
}

/** A link that looks like a button. @param command one of those that the page may run, without `sluice.` */
export function action(command: string, text: string, ...args: readonly string[]): Html {
  const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
  return html`<a class="action" role="button" title="${text}" href="command:sluice.${command}${query}">${text}</a>`;
}
