import type { ServerConfig } from '../config/serverConfig.ts';
import { createMask, MAX_TEXT, type Mask } from '../trace/mask.ts';
import { secretsOf } from './secretsOf.ts';

export interface ServerMask {
  /** For every text about this server. */
  readonly mask: Mask;
  /**
   * The server's URL as every room shows it: in tooltips, pages, reports, errors and the trace. What variables gave is
   * masked but for scheme, host and port, by its place and whatever its length, and what the settings have written out
   * by the name of its parameter.
   */
  readonly url: string;
}

export function createServerMask(config: ServerConfig): ServerMask {
  const hide = createMask(secretsOf(config));
  const url = hide(config.shownUrl ?? config.url);
  const { pathname, search } = new URL(config.url);
  const shown = /^[^/?#]*:\/\/[^/?#]*(.*)$/s.exec(url)?.[1] ?? '';
  // With its query first: the path alone is a part of that.
  const ways = [[pathname + search, shown] as const, [pathname, shown.replace(/\?.*$/s, '')] as const].filter(
    ([sent, masked]) => masked.includes('•') && sent !== masked,
  );
  if (ways.length === 0) return { mask: hide, url };
  return {
    url,
    mask: (text, length) =>
      // A longer text is a message, of which only the beginning is kept: what is a secret in it is masked all the same.
      hide(
        text.length > MAX_TEXT
          ? text
          : ways.reduce((all, [sent, masked]) => all.replaceAll(sent, masked), text),
        length,
      ),
  };
}
