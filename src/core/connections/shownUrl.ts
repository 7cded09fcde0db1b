import type { ServerConfig } from '../config/serverConfig.ts';
import type { Mask } from '../trace/mask.ts';

/**
 * The server's URL as every room shows it: in tooltips, pages, reports, errors and the trace. What variables gave is
 * masked but for scheme, host and port, by its place and whatever its length, and what the settings have written out
 * by the name of its parameter.
 */
export function shownUrl({ url, shownUrl = url }: ServerConfig, mask: Mask): string {
  return mask(shownUrl);
}
