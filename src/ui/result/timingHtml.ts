import type { DrainReport, RequestTiming, WireInfo } from '../../core/metrics/requestTiming.ts';
import { type Html, html } from '../surfaces/html.ts';
import { formatMs } from '../text/formatMs.ts';
import { formatDrain, formatWire, phasesOf, type Stretch } from '../text/phases.ts';

/** The timing line: a bar with a stretch for each phase, its figures, and the connection that served the call. */
export function timingHtml(
  timing: RequestTiming,
  ms: number,
  wire: WireInfo,
  drain: DrainReport | undefined,
): Html {
  const phases = phasesOf(timing, ms, drain);
  const figures = phases.map(
    ({ name, ms }) =>
      html`<span class="phase"><svg class="swatch" width="8" height="8"><rect class="${className(name)}" width="8" height="8"/></svg> ${name} <b>${formatMs(ms)}</b></span> `,
  );
  const before =
    phases[0]?.name === 'before'
      ? html` Before it: connecting, or rounds in which the server asked back.`
      : undefined;
  const rest = drain === undefined ? 'draining' : formatDrain(drain);
  return html`<div class="timing">${bar(phases)}<p>${figures}</p><p>Connection ${formatWire(wire)}. Rest of the response: ${rest}.${before}</p></div>`;
}

// Percentages of an SVG: the page's policy allows no style attributes.
function bar(phases: readonly Stretch[]): Html {
  const whole = phases.reduce((sum, { ms }) => sum + ms, 0);
  if (whole <= 0) return html``;
  const label = phases.map(({ name, ms }) => `${name} ${formatMs(ms)}`).join(', ');
  let from = 0;
  const stretches = phases.map(({ name, ms }) => {
    const share = (ms / whole) * 100;
    const x = from;
    from += share;
    if (share === 0) return undefined;
    return html`<rect class="${className(name)}" x="${x.toFixed(3)}%" width="${share.toFixed(3)}%" height="100%"><title>${name} ${formatMs(ms)}</title></rect>`;
  });
  return html`<svg class="bar" width="100%" height="10" role="img" aria-label="${label}">${stretches}</svg>`;
}

function className(name: Stretch['name']): string {
  return name.replace(' ', '-');
}
