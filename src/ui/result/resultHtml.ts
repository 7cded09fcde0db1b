import { isSluiceError, sentence } from '../../core/errors.ts';
import type { CallToolResult } from '../../core/mcp/mcpTypes.ts';
import type { CallEnd, ShownCall } from '../history/shownCall.ts';
import { action, pageHtml } from '../pages/pageHtml.ts';
import { cleanText } from '../surfaces/cleanText.ts';
import { type Html, html } from '../surfaces/html.ts';
import { describeError, type ErrorAction } from '../text/errorText.ts';
import { formatMs } from '../text/formatMs.ts';
import { contentHtml, name, openPart, type ResultPage, valueHtml } from './contentHtml.ts';
import { mediaData } from './media.ts';
import { PageRoom } from './pageRoom.ts';
import { repeatsContent } from './repeated.ts';
import { MOST_BLOCKS, ResultJson, writtenJson } from './resultJson.ts';
import { RESULT_STYLE } from './resultStyle.ts';
import { timingHtml } from './timingHtml.ts';

/** Characters of a sentence from outside: an error's message, a violation. */
const MOST_OF_SENTENCE = 4_000;
/** What is said in one quiet line: sentences, and characters of each. */
const MOST_IN_LINE = 3;
const MOST_OF_QUIET = 300;
/** Characters of a value that is written for the page. */
const MOST_WRITTEN = 20_001;

/** Commands that the page may run, and no other. */
export const PAGE_COMMANDS = [
  'sluice.copyResult',
  'sluice.openResultAsJson',
  'sluice.openResultPart',
  'sluice.saveResultPart',
  'sluice.repeatShownCall',
  'sluice.showTrace',
  'sluice.connect',
  'sluice.reconnect',
  'sluice.openSettings',
  'sluice.forgetInputs',
] as const;

/**
 * The page that shows how a call ended. It has no script, everything a server sent is escaped, and it is bounded in size and in
 * time whatever that was. It never throws: a part that cannot be drawn says so.
 * @param nonce as `pageHtml` takes it
 */
export function resultHtml(record: ShownCall, nonce: string): string {
  const room = new PageRoom();
  const title = name(record.tool);
  const content = html`<header>
<h1>${title}</h1>
<p class="facts"><span class="outcome ${outcomeOf(record)}">${OUTCOMES[outcomeOf(record)]}</span> · ${name(record.shownServer)} · ${formatMs(record.ms)} · ${new Date(record.time).toLocaleTimeString()}</p>
${timing(record)}
<nav>${action('repeatShownCall', 'Repeat')}${action('copyResult', 'Copy result')}${hasJson(record.end) ? action('openResultAsJson', 'Open as JSON') : undefined}${action('showTrace', 'Show trace', record.server)}</nav>
</header>
<main>${part(() => body(record, room))}</main>
${part(() => argumentsHtml(record, room))}`;
  return pageHtml({ title, style: RESULT_STYLE, hasMedia: true, body: content }, nonce);
}

/** Draws one part of the page. One that cannot be drawn costs itself only. */
function part(draw: () => Html | undefined, open?: Html): Html | undefined {
  try {
    return draw();
  } catch {
    return html`<p class="note">This part could not be drawn. ${open ?? action('openResultAsJson', 'Open as JSON')}</p>`;
  }
}

/** Whether there is JSON to open: a result's, or that of a JSON-RPC error. */
function hasJson(end: CallEnd): boolean {
  return end.kind === 'result' || (isSluiceError(end.error) && end.error.rpc !== undefined);
}

type Outcome = 'ok' | 'tool-error' | 'failed' | 'cancelled';

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  ok: 'OK',
  'tool-error': 'Tool error',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export function outcomeOf({ end }: ShownCall): Outcome {
  if (end.kind === 'error') return describeError(end.error).code === 'cancelled' ? 'cancelled' : 'failed';
  return end.result.isError === true ? 'tool-error' : 'ok';
}

function timing({ end, ms }: ShownCall): Html | undefined {
  return end.kind === 'result' ? timingHtml(end.timing, ms, end.wire, end.drain) : undefined;
}

function body({ end, server }: ShownCall, room: PageRoom): Html {
  if (end.kind === 'error') return errorHtml(end.error, server, room);
  const { result, sent } = end;
  const { content, isError } = result;
  const page: ResultPage = {
    room,
    json: new ResultJson(result, sent),
    media: mediaData(result, MOST_BLOCKS),
  };
  const blocks = content
    .slice(0, MOST_BLOCKS)
    .map((block, index) => part(() => contentHtml(block, index, page), openPart(index)));
  const more = content.length - blocks.length;
  return html`
${isError === true ? html`<p class="banner">The tool answered that it failed.</p>` : undefined}
${sentences("The structured content breaks the tool's output schema:", 'banner', end.violations)}
${end.unchecked === undefined ? undefined : html`<p class="more">Not checked against the tool's output schema: ${sentence(cleanText(end.unchecked, MOST_OF_SENTENCE))}</p>`}
${end.notes === undefined || end.notes.length === 0 ? undefined : html`<p class="more">Unlike what the tool's output schema describes: ${sentence(quietly(end.notes))}</p>`}
${sentences('The result differs from what the protocol says:', 'note', end.odd)}
${notUtf8(end)}
<div class="${isError === true ? 'content failed' : 'content'}">${blocks}${more > 0 ? html`<p class="more">${more} more content blocks. ${action('openResultAsJson', 'Open as JSON')}</p>` : undefined}</div>
${part(() => structuredHtml(result, page), openPart('structured'))}
${content.length === 0 ? part(() => otherMembers(end, page)) : undefined}`;
}

function structuredHtml(result: CallToolResult, page: ResultPage): Html | undefined {
  if (result.structuredContent === undefined) return undefined;
  const open = openPart('structured');
  const shown = repeatsContent(result, page.json)
    ? html`<p class="more">The same as what is shown above. ${open}</p>`
    : valueHtml(page.json.of('structured', MOST_WRITTEN), open, page);
  return html`<section><h2>Structured content</h2>${shown}</section>`;
}

/** Members that say nothing of their own. */
const EMPTY_MEMBERS: ReadonlySet<string> = new Set(['content', 'isError', '_meta', 'resultType']);

/** What a result without content has instead: a member that no revision knows may be what the tool has to say. */
function otherMembers(
  { result, odd = [] }: CallEnd & { kind: 'result' },
  page: ResultPage,
): Html | undefined {
  if (result.structuredContent !== undefined) return undefined;
  const isEmpty = Object.keys(result).every((member) => EMPTY_MEMBERS.has(member));
  // A result that is odd besides says above what it has in place of content.
  if (isEmpty) return odd.length === 0 ? html`<p class="more">The result has no content.</p>` : undefined;
  return html`<section><h2>The result has no content, but other members</h2>${valueHtml(page.json.of('whole', MOST_WRITTEN), openPart('whole'), page)}</section>`;
}

function sentences(title: string, kind: string, found: readonly string[] = []): Html | undefined {
  if (found.length === 0) return undefined;
  return html`<div class="${kind}"><p>${title}</p><ul>${found.map((one) => html`<li>${cleanText(one, MOST_OF_SENTENCE)}</li>`)}</ul></div>`;
}

/** Sentences for one line. */
function quietly(sentences: readonly string[]): string {
  const told = sentences.slice(0, MOST_IN_LINE).map((one) => cleanText(one, MOST_OF_QUIET));
  const more = sentences.length - told.length;
  return more > 0 ? `${told.join('; ')}; and ${more} more` : told.join('; ');
}

function notUtf8({ sent }: CallEnd & { kind: 'result' }): Html | undefined {
  const count = sent?.invalidBytes ?? 0;
  if (count === 0) return undefined;
  const bytes =
    count === 1 ? '1 byte of the answer is' : `${count.toLocaleString('en')} bytes of the answer are`;
  return html`<p class="more">${bytes} not UTF-8, and shown as U+FFFD (\ufffd).</p>`;
}

function errorHtml(error: unknown, server: string, room: PageRoom): Html {
  const { message, hint, phase, delivery, code, actions } = describeError(error);
  const rpc = isSluiceError(error) ? error.rpc : undefined;
  return html`<div class="${code === 'cancelled' ? 'note' : 'banner'}">
<p><b>${cleanText(message, MOST_OF_SENTENCE)}</b></p>
${hint === undefined ? undefined : html`<p>${cleanText(hint, MOST_OF_SENTENCE)}</p>`}
<p class="more">${[code, phase].filter((part) => part !== undefined).join(', ')}. ${delivery}</p>
<p>${actions.map((name) => html`${errorAction(name, server)} `)}</p>
</div>
${rpc === undefined ? undefined : part(() => html`<section><h2>JSON-RPC error</h2>${valueHtml(writtenJson(rpc, MOST_WRITTEN), openPart('whole'), { room, media: NO_MEDIA })}</section>`)}`;
}

const NO_MEDIA: ReadonlySet<string> = new Set();

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
    case 'consent':
      return action('connect', 'Look and allow…', server);
  }
}

function argumentsHtml(record: ShownCall, room: PageRoom): Html | undefined {
  const args = record.shownArguments ?? record.arguments;
  if (Object.keys(args).length === 0) return undefined;
  const shown = valueHtml(writtenJson(args, MOST_WRITTEN), undefined, { room, media: NO_MEDIA });
  return html`<details><summary>Arguments</summary>${shown}</details>`;
}
