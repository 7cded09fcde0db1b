import type { Bar } from '../../core/benchmark/histogramBars.ts';
import { type Html, html } from '../surfaces/html.ts';
import { formatMs } from '../text/formatMs.ts';

const WIDTH = 640;
const HEIGHT = 140;
const AXIS = 18;
const LABELS = 6;
const FAINTEST = 2;
/** What the longest label takes: one that has less room would run into the last one. */
const LABEL = 56;

/**
 * A histogram as a picture of its own, drawn by hand: the page has no script, so a plotting library has nothing to run
 * in. The scale of durations is logarithmic, that of counts is linear.
 * @param which of the counts of each bar
 * @param most the count of the highest bar: the same for pictures that are compared
 */
export function histogramSvg(
  bars: readonly Bar[],
  which: number,
  most: number,
  name: string,
): Html | undefined {
  if (bars.length === 0) return undefined;
  const step = WIDTH / bars.length;
  const every = Math.max(1, Math.ceil(bars.length / LABELS));
  const columns = bars.map(({ from, to, counts }, index) => {
    const count = counts[which] ?? 0;
    if (count === 0) return undefined;
    const height = Math.max(FAINTEST, (count / most) * HEIGHT);
    return html`<rect class="column column-${which}" x="${(index * step).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${Math.max(1, step - 1).toFixed(1)}" height="${height.toFixed(1)}"><title>${formatMs(from)} to ${formatMs(to)}: ${count.toLocaleString('en-US')}</title></rect>`;
  });
  const labels = bars.map(({ from }, index) =>
    index % every === 0 && index * step <= WIDTH - 2 * LABEL
      ? html`<text x="${(index * step).toFixed(1)}" y="${HEIGHT + AXIS - 4}">${formatMs(from)}</text>`
      : undefined,
  );
  const end = html`<text x="${WIDTH}" y="${HEIGHT + AXIS - 4}" text-anchor="end">${formatMs(bars.at(-1)?.to ?? 0)}</text>`;
  return html`<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT + AXIS}" role="img" aria-label="${name}">${columns}<line x1="0" x2="${WIDTH}" y1="${HEIGHT}" y2="${HEIGHT}"/>${labels}${end}</svg>`;
}
