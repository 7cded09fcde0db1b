import type { ContentBlock } from '../../core/mcp/mcpTypes.ts';
import { UNREADABLE } from '../../core/mcp/toolResult.ts';
import { cleanText } from '../surfaces/cleanText.ts';
import { Html, html } from '../surfaces/html.ts';
import { jsonHtml } from './jsonHtml.ts';
import { drawnAs, isBase64, type Media, mediaOf, sizeOf } from './media.ts';
import type { PageRoom } from './pageRoom.ts';
import type { JsonSource, ResultJson, ResultPart } from './resultJson.ts';

/** Characters of one picture or sound. */
const MOST_MEDIA_CHARACTERS = 12_000_000;
/** Characters of a text that are read to find out whether it is JSON. */
const MOST_READ = 100_000;
const MOST_OF_NAME = 300;
const MOST_OF_ADDRESS = 2_000;

/** What the page reads of a block or a resource. A server may have put anything there. */
type Members = {
  readonly [member in
    | 'description'
    | 'mimeType'
    | 'name'
    | 'resource'
    | 'size'
    | 'text'
    | 'title'
    | 'uri']?: unknown;
};

/** What the parts of one page share. */
export interface ResultPage {
  readonly room: PageRoom;
  readonly json: ResultJson;
  /** Data of pictures, sounds and files that the page shows or offers to save. */
  readonly media: ReadonlySet<string>;
}

/** One content block of a result. `index` is its place in the result, for the links that open and save the whole of it. */
export function contentHtml(block: Members & ContentBlock, index: number, page: ResultPage): Html {
  const open = openPart(index);
  switch (block.type) {
    case 'text':
      if (typeof block.text === 'string')
        return html`<section>${textHtml(block.text, open, page.room)}</section>`;
      break;
    case 'image':
    case 'audio': {
      const media = mediaOf(block);
      const drawn = media && mediaHtml(media, index, page.room);
      if (media === undefined || drawn === undefined) break;
      if (drawnAs(media) !== undefined) return drawn;
      // What it is called, it is not: the rest of it may say more.
      return html`${drawn}${valueHtml(page.json.of(index, room(page.room)), open, page)}`;
    }
    case 'resource_link':
      if (typeof block.uri === 'string') return linkHtml(block, block.uri);
      break;
    case 'resource': {
      const resource = block.resource;
      if (isRecord(resource) && typeof resource.uri === 'string')
        return resourceHtml(block, resource, resource.uri, index, page);
      break;
    }
  }
  const title = block.type === UNREADABLE ? `Content block ${index + 1}` : block.type;
  return html`<section><h2>${name(title)}</h2>${valueHtml(page.json.of(index, room(page.room)), open, page)}</section>`;
}

/** A JSON value, laid out as it was sent. */
export function valueHtml(
  source: JsonSource | undefined,
  open: Html | undefined,
  { room: left, media }: Pick<ResultPage, 'room' | 'media'>,
): Html {
  if (source === undefined)
    return html`<p class="more">The text before it is too long to be searched here. ${open}</p>`;
  const most = left.forText;
  if (most === 0) return noRoom((source.end ?? source.text.length) - source.start, open);
  const shown = jsonHtml(source, most, (literal) => repeatedMedia(literal, media));
  if (shown === undefined) throw new Error('what is shown as JSON is none');
  left.take(shown.characters);
  return html`<pre class="json">${shown.html}</pre>${more(shown.hidden, open)}`;
}

/** A link that runs a command of the page's list on one part of the shown result. */
function partLink(command: string, part: ResultPart, text: string): Html {
  const query = encodeURIComponent(JSON.stringify([part]));
  return html`<a role="button" title="${text}" href="command:sluice.${command}?${query}">${text}</a>`;
}

/** The link that opens one part of the shown result in an editor. */
export function openPart(part: ResultPart): Html {
  return partLink('openResultPart', part, 'Open in editor');
}

function savePart(part: number): Html {
  return partLink('saveResultPart', part, 'Save…');
}

function textHtml(text: string, open: Html, left: PageRoom): Html {
  const most = left.forText;
  if (most === 0) return noRoom(text.length, open);
  if (/^\s{0,1000}[[{]/.test(text.slice(0, 1_001))) {
    const end = Math.min(text.length, MOST_READ);
    const source = { text, start: 0, end, isCut: end < text.length, isKnown: false };
    const json = jsonHtml(source, most);
    if (json !== undefined) {
      left.take(json.characters);
      const hidden = json.hidden === undefined ? text.length - json.read : json.hidden;
      return html`<pre class="json">${json.html}</pre>${more(hidden, open)}`;
    }
  }
  const end = text.length > most && /[\ud800-\udbff]/.test(text[most - 1] ?? '') ? most - 1 : most;
  left.take(Math.min(end, text.length));
  return html`<pre class="text">${linkify(text.slice(0, end), left)}</pre>${more(text.length - end, open)}`;
}

/** @param hidden undefined where nobody counted them */
function more(hidden: number | undefined, open: Html | undefined): Html | undefined {
  if (hidden === undefined) return html`<p class="more">Only the beginning is shown. ${open}</p>`;
  return hidden <= 0
    ? undefined
    : html`<p class="more">${hidden.toLocaleString('en')} more characters. ${open}</p>`;
}

function noRoom(characters: number, open: Html | undefined): Html {
  return html`<p class="more">${characters.toLocaleString('en')} characters, for which the page has no more room. ${open}</p>`;
}

function room(left: PageRoom): number {
  return left.forText + 1;
}

/** A picture or a sound as data, never by address: showing a result must not call anybody. Undefined where it is none. */
function mediaHtml(media: Media, index: number, left: PageRoom): Html | undefined {
  const { data, mimeType } = media;
  // The heading of a resource has the type already.
  const type = media.uri === undefined ? `${mimeType === '' ? 'no type given' : name(mimeType)}, ` : '';
  const caption = `${type}${formatBytes(sizeOf(media))}`;
  const save = savePart(index);
  const line = (why: string) =>
    html`<section><p class="more">${caption}: ${why}. ${save} ${openPart(index)}</p></section>`;
  const drawn = drawnAs(media);
  if (drawn === undefined) return line('it cannot be drawn here');
  if (data.length > MOST_MEDIA_CHARACTERS) return line('too large to show here');
  if (!left.takeMedia(data.length)) return line('the page has no more room for it');
  if (!isBase64(data)) return undefined;
  // Its characters are those of Base64, and need no escape.
  const source = html`data:${drawn.type};base64,${new Html(data)}`;
  const element =
    drawn.kind === 'image'
      ? html`<img src="${source}" alt="${caption}">`
      : html`<audio controls src="${source}"></audio>`;
  return html`<figure>${element}<figcaption>${caption} ${save}</figcaption></figure>`;
}

/** Shorter ones are no media, and hide nothing. */
const SHORTEST_MEDIA = 200;

/** What to say in the place of a string that is the data of something shown above. */
function repeatedMedia(literal: string, media: ReadonlySet<string>): string | undefined {
  if (media.size === 0 || literal.length < SHORTEST_MEDIA) return undefined;
  const data = literal.slice(1, -1);
  if (!media.has(data) && !(data.includes('\\/') && media.has(data.replaceAll('\\/', '/')))) return undefined;
  return `(${formatBytes(Buffer.byteLength(data, 'base64'))}, shown above)`;
}

function linkHtml(block: Members, uri: string): Html {
  const title = textOf(block.title) ?? textOf(block.name) ?? uri;
  const size = typeof block.size === 'number' ? formatBytes(block.size) : undefined;
  const facts = [textOf(block.mimeType), size].filter((fact) => fact !== undefined).join(', ');
  return html`<section class="link"><h2>${name(title)}</h2><p>${anchor(uri)}</p>${paragraph(textOf(block.description))}${paragraph(facts)}</section>`;
}

function resourceHtml(
  block: ContentBlock,
  resource: Members,
  uri: string,
  index: number,
  page: ResultPage,
): Html {
  const { mimeType, text } = resource;
  const media = mediaOf(block);
  let body: Html;
  if (typeof text === 'string') body = textHtml(text, openPart(index), page.room);
  else
    body =
      (media && mediaHtml(media, index, page.room)) ??
      valueHtml(page.json.of(index, room(page.room)), openPart(index), page);
  return html`<section class="resource"><h2>${anchor(uri)} <small>${name(textOf(mimeType) ?? 'no type given')}</small></h2>${body}</section>`;
}

/** A link where following it is safe, and what it shows is where it goes; otherwise the text alone. */
function anchor(uri: string): Html {
  const shown = cleanText(uri, MOST_OF_ADDRESS);
  return shown === uri && isWebAddress(uri) ? html`<a href="${uri}">${uri}</a>` : html`<code>${shown}</code>`;
}

function isWebAddress(uri: string): boolean {
  return /^https?:\/\//i.test(uri) && URL.canParse(uri);
}

/** Text whose web addresses can be followed. */
function linkify(text: string, left: PageRoom): Html {
  const parts: Html[] = [];
  let from = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'`()[\]{}]+/g)) {
    if (!left.takeLink()) break;
    const address = withoutEnd(match[0]);
    const isLink = address.length <= MOST_OF_ADDRESS && cleanText(address, MOST_OF_ADDRESS) === address;
    parts.push(html`${text.slice(from, match.index)}${isLink ? anchor(address) : address}`);
    from = match.index + address.length;
  }
  return html`${parts}${text.slice(from)}`;
}

/** What ends a sentence does not belong to the address in it. */
function withoutEnd(address: string): string {
  let end = address.length;
  while (end > 0 && '.,;:!?'.includes(address[end - 1] ?? '')) end--;
  return address.slice(0, end);
}

/** A name from outside on one line, with what cannot be drawn written out. */
export function name(text: string): string {
  return cleanText(text, MOST_OF_NAME);
}

function paragraph(text: string | undefined): Html | undefined {
  return text === undefined || text === '' ? undefined : html`<p>${cleanText(text, 2_000)}</p>`;
}

/** For example `512 bytes`, `1.4 kB`, `12 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${Number(value.toPrecision(value < 1000 ? 2 : 3))} ${unit}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
