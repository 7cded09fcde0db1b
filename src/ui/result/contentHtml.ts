import type { ContentBlock } from '../../core/mcp/mcpTypes.ts';
import { type Html, html } from '../html.ts';
import { jsonHtml, parseJsonText } from './jsonHtml.ts';

// What the page shows of one block. The whole of it is one click away, in an editor.
const MOST_CHARACTERS = 20_000;
const MOST_MEDIA_CHARACTERS = 12_000_000;

const IMAGE_TYPES = /^image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml)$/;
const AUDIO_TYPES = /^audio\/(wav|x-wav|mpeg|mp3|mp4|aac|ogg|opus|webm|flac)$/;

/** What the page reads of a block or a resource. A server may have put anything there. */
type Members = {
  readonly [member in
    | 'blob'
    | 'data'
    | 'description'
    | 'mimeType'
    | 'name'
    | 'resource'
    | 'size'
    | 'text'
    | 'title'
    | 'uri']?: unknown;
};

/** One content block of a result. `index` is its place in the result, for the link that opens the whole of it. */
export function contentHtml(block: Members & ContentBlock, index: number): Html {
  const open = openPart(index);
  switch (block.type) {
    case 'text':
      if (typeof block.text === 'string') return textHtml(block.text, open);
      break;
    case 'image': {
      const image = mediaHtml(block.data, block.mimeType, open);
      if (image !== undefined) return image;
      break;
    }
    case 'audio': {
      const audio = mediaHtml(block.data, block.mimeType, open);
      if (audio !== undefined) return audio;
      break;
    }
    case 'resource_link':
      if (typeof block.uri === 'string') return linkHtml(block, block.uri);
      break;
    case 'resource': {
      const resource = block.resource;
      if (isRecord(resource) && typeof resource.uri === 'string') {
        return resourceHtml(resource, resource.uri, open);
      }
      break;
    }
  }
  return html`<section><h2>${block.type}</h2>${valueHtml(block, open)}</section>`;
}

/** Any JSON value, formatted. */
export function valueHtml(value: unknown, open: Html): Html {
  const text = JSON.stringify(value, null, 2) ?? 'undefined';
  return html`<pre class="json">${jsonHtml(text.slice(0, MOST_CHARACTERS))}</pre>${moreHtml(text, open)}`;
}

/** The link that opens one part of the shown result in an editor. */
export function openPart(part: number | 'structured'): Html {
  const query = encodeURIComponent(JSON.stringify([part]));
  return html`<a href="command:sluice.openResultPart?${query}">Open in editor</a>`;
}

function textHtml(text: string, open: Html): Html {
  const json = parseJsonText(text);
  if (json !== undefined) return html`<section>${valueHtml(json, open)}</section>`;
  const shown = linkify(text.slice(0, MOST_CHARACTERS));
  return html`<section><pre class="text">${shown}</pre>${moreHtml(text, open)}</section>`;
}

function moreHtml(text: string, open: Html): Html | undefined {
  const hidden = text.length - MOST_CHARACTERS;
  if (hidden <= 0) return undefined;
  return html`<p class="more">${hidden.toLocaleString('en')} more characters. ${open}</p>`;
}

/** An image or a sound as data, never by address: showing a result must not call anybody. */
function mediaHtml(data: unknown, mimeType: unknown, open: Html): Html | undefined {
  if (typeof data !== 'string' || typeof mimeType !== 'string') return undefined;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(data)) return undefined;
  const isImage = IMAGE_TYPES.test(mimeType);
  if (!isImage && !AUDIO_TYPES.test(mimeType)) return undefined;
  const caption = `${mimeType}, ${formatBytes(base64Bytes(data))}`;
  if (data.length > MOST_MEDIA_CHARACTERS) {
    return html`<section><p class="more">${caption}: too large to show here. ${open}</p></section>`;
  }
  const source = `data:${mimeType};base64,${data}`;
  const media = isImage
    ? html`<img src="${source}" alt="${caption}">`
    : html`<audio controls src="${source}"></audio>`;
  return html`<figure>${media}<figcaption>${caption}</figcaption></figure>`;
}

function linkHtml(block: Members, uri: string): Html {
  const name = textOf(block.title) ?? textOf(block.name) ?? uri;
  const size = typeof block.size === 'number' ? formatBytes(block.size) : undefined;
  const facts = [textOf(block.mimeType), size].filter((fact) => fact !== undefined).join(', ');
  return html`<section class="link"><h2>${name}</h2><p>${anchor(uri, uri)}</p>${paragraph(textOf(block.description))}${paragraph(facts)}</section>`;
}

function resourceHtml(resource: Members, uri: string, open: Html): Html {
  const { mimeType, text, blob } = resource;
  const type = textOf(mimeType) ?? 'no type given';
  const body =
    typeof text === 'string'
      ? textHtml(text, open)
      : (mediaHtml(blob, mimeType, open) ??
        html`<p class="more">${type}${typeof blob === 'string' ? `, ${formatBytes(base64Bytes(blob))}` : ''}. ${open}</p>`);
  return html`<section class="resource"><h2>${anchor(uri, uri)} <small>${type}</small></h2>${body}</section>`;
}

/** A link where following it is safe; otherwise the text alone. */
function anchor(uri: string, text: string): Html {
  return isWebAddress(uri) ? html`<a href="${uri}">${text}</a>` : html`<code>${text}</code>`;
}

function isWebAddress(uri: string): boolean {
  return /^https?:\/\//i.test(uri) && URL.canParse(uri);
}

/** Text whose web addresses can be followed. */
function linkify(text: string): Html {
  const parts: Html[] = [];
  let from = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'`()[\]{}]+/g)) {
    // What ends a sentence does not belong to the address in it.
    const address = match[0].replace(/[.,;:!?]+$/, '');
    parts.push(html`${text.slice(from, match.index)}${anchor(address, address)}`);
    from = match.index + address.length;
  }
  return html`${parts}${text.slice(from)}`;
}

function paragraph(text: string | undefined): Html | undefined {
  return text === undefined || text === '' ? undefined : html`<p>${text}</p>`;
}

function base64Bytes(data: string): number {
  const digits = data.replace(/[\s=]/g, '').length;
  return Math.floor((digits * 3) / 4);
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
