import type { CallToolResult, ContentBlock } from '../../core/mcp/mcpTypes.ts';

/** A picture, a sound or a file that a result holds. */
export interface Media {
  /** Base64, as it came: nothing says that it is. */
  readonly data: string;
  /** As it came; empty where none is given. */
  readonly mimeType: string;
  /** Of a resource. */
  readonly uri: string | undefined;
}

const IMAGE_TYPES = /^image\/(png|apng|jpe?g|gif|webp|avif|bmp|svg\+xml|x-icon|vnd\.microsoft\.icon)$/;
const AUDIO_TYPES = /^audio\/(wav|x-wav|mpeg|mp3|mp4|aac|ogg|opus|webm|flac)$/;

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/gzip': 'gz',
  'application/json': 'json',
  'application/pdf': 'pdf',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/x-wav': 'wav',
  'image/jpeg': 'jpg',
  'image/svg+xml': 'svg',
  'image/vnd.microsoft.icon': 'ico',
  'image/x-icon': 'ico',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/plain': 'txt',
  'video/mpeg': 'mpg',
  'video/quicktime': 'mov',
};

/** What of a content block can be saved as a file; undefined where there is nothing. */
export function mediaOf(block: ContentBlock | undefined): Media | undefined {
  if (block === undefined) return undefined;
  const { type, data, mimeType } = block;
  if ((type === 'image' || type === 'audio') && typeof data === 'string')
    return { data, mimeType: textOrNothing(mimeType), uri: undefined };
  const resource = block['resource'] as Readonly<Record<string, unknown>> | null | undefined;
  if (type !== 'resource' || typeof resource !== 'object' || resource === null) return undefined;
  const { blob, uri } = resource;
  if (typeof blob !== 'string') return undefined;
  return {
    data: blob,
    mimeType: textOrNothing(resource['mimeType']),
    uri: typeof uri === 'string' ? uri : undefined,
  };
}

/** How the page can draw it; undefined where it cannot. */
export function drawnAs({ mimeType }: Media): { kind: 'image' | 'audio'; type: string } | undefined {
  const type = typeOf(mimeType);
  if (IMAGE_TYPES.test(type)) return { kind: 'image', type };
  return AUDIO_TYPES.test(type) ? { kind: 'audio', type } : undefined;
}

/** Characters at the beginning and at the end that are looked at one by one. */
const LOOKED_AT = 4_000;

/**
 * Whether it looks like Base64, and holds nothing that would end an attribute of a page. What is something else in between is a
 * picture that does not load.
 */
export function isBase64(data: string): boolean {
  const ends = data.slice(0, LOOKED_AT) + data.slice(-LOOKED_AT);
  if (/[^A-Za-z0-9+/=\s]/.test(ends)) return false;
  return !['"', "'", '<', '>', '&'].some((character) => data.includes(character));
}

/** Bytes that it stands for; a few more where it is broken into lines. */
export function sizeOf({ data }: Media): number {
  return Buffer.byteLength(data, 'base64');
}

/** A name for the file, without a folder: from its URI, else from the tool. */
export function mediaName(media: Media, tool: string, part: number): { name: string; extension: string } {
  const type = typeOf(media.mimeType);
  const known = EXTENSIONS[type] ?? /^\w+\/([\w-]{1,10})$/.exec(type)?.[1] ?? 'bin';
  const [last = ''] = /[^/\\?#]*$/.exec(pathOf(media.uri ?? '')) ?? [];
  const [, stem = '', extension = known] = /^(.{1,80}?)(?:\.([\w-]{1,10}))?$/.exec(last) ?? [];
  return { name: stem === '' ? `${tool} ${part + 1}` : stem, extension };
}

function pathOf(uri: string): string {
  if (uri.length > 2_000) return '';
  const path = uri.replace(/[?#].*$/s, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function typeOf(mimeType: string): string {
  return (mimeType.slice(0, 200).split(';')[0] ?? '').trim().toLowerCase();
}

function textOrNothing(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Data of the media that a page shows, so that what repeats it can say so. */
export function mediaData({ content }: CallToolResult, most: number): ReadonlySet<string> {
  return new Set(content.slice(0, most).flatMap((block) => mediaOf(block)?.data ?? []));
}
