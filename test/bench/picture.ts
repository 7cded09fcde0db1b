import type { ModeName } from '../lab/modes.ts';
import type { ClientName } from './clients/benchClient.ts';
import { MODES } from './plan.ts';
import type { LaneResult, Results } from './results.ts';
import { CLIENT_TITLES, number } from './wording.ts';

interface Panel {
  readonly title: string;
  readonly lanes: readonly LaneResult[];
}

const PANELS = [
  ['plain-0ms', 'On one machine, one call after the other'],
  ['plain-30ms', 'On one machine, 30 ms between calls'],
  ['far-0ms', 'TLS over 50 ms of round trip, one call after the other'],
] as const;

const CLIENTS = ['sluice', 'sdk-2', 'sdk-1', 'keep-alive', 'fresh'] as const satisfies readonly ClientName[];
type Drawn = (typeof CLIENTS)[number];

// Pixels.
const WIDTH = 920;
const LEFT = 132;
const RIGHT = 96;
const TOP = 104;
const ROW = 42;
const LANE = 7;
const PANEL_HEAD = 44;
const PANEL_FOOT = 34;

const TICKS = [0.1, 0.3, 1, 3, 10, 30, 100];
const FROM = 0.1;
const TO = 220;

/** The median of a call, for each client and each way a server can behave, on a logarithmic scale. */
export function draw(results: Results): string | undefined {
  const panels = PANELS.flatMap(([name, title]): Panel[] => {
    const cells = results.cells.filter(({ scenario }) => scenario === name);
    const lanes = cells.flatMap((cell) => cell.lanes.filter(({ yardstick }) => yardstick !== true));
    return lanes.length === 0 ? [] : [{ title, lanes }];
  });
  if (panels.length === 0) return undefined;
  let y = TOP;
  const drawn = panels.map((panel) => {
    const at = y;
    y += heightOf(panel);
    return drawPanel(panel, at);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">
<title>The median of a tool call by client and by the way a server behaves</title>
${STYLE}
<rect class="ground" width="${WIDTH}" height="${y}" rx="10"/>
<text class="title" x="24" y="38">What a tool call takes: the median, in milliseconds</text>
<text class="note" x="24" y="60">Logarithmic: from one line to the next is three times as long. Further to the left is better.</text>
${legend()}
${drawn.join('\n')}
</svg>
`;
}

const STYLE = `<style>
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #24323f; }
  .ground { fill: #ffffff; }
  .title { font-size: 18px; font-weight: 600; }
  .panel { font-size: 14px; font-weight: 600; }
  .note, .tick { fill: #5c6b78; }
  .tick { font-size: 12px; text-anchor: middle; }
  .mode { text-anchor: end; }
  .value { font-size: 12px; font-weight: 600; fill: #0969b5; }
  .grid { stroke: #d8e0e7; }
  .band { fill: #f4f7f9; }
  .sluice { fill: #0b7fd6; stroke: none; }
  .sluice-line { stroke: #0b7fd6; stroke-width: 3; stroke-linecap: round; }
  .sdk-2 { fill: #d4552a; }
  .sdk-1 { fill: #b8860b; }
  .keep-alive { fill: none; stroke: #6f4fa3; stroke-width: 2; }
  .fresh { fill: none; stroke: #4b8b3b; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #dce5ec; }
    .ground { fill: #111b24; }
    .note, .tick { fill: #93a4b2; }
    .value { fill: #6bbcff; }
    .grid { stroke: #2b3a47; }
    .band { fill: #17232e; }
    .sluice { fill: #3aa5f5; }
    .sluice-line { stroke: #3aa5f5; }
    .sdk-2 { fill: #ff8a5c; }
    .sdk-1 { fill: #e8bd4f; }
    .keep-alive { stroke: #b79cf0; }
    .fresh { stroke: #86c873; }
  }
</style>`;

function legend(): string {
  let x = 30;
  const entries = CLIENTS.map((client) => {
    const title = CLIENT_TITLES[client];
    const entry = `${mark(client, x, 83)}<text x="${x + 12}" y="87">${title}</text>`;
    x += 44 + title.length * 6.9;
    return entry;
  });
  return entries.join('\n');
}

function heightOf({ lanes }: Panel): number {
  return PANEL_HEAD + modesOf(lanes).length * ROW + PANEL_FOOT;
}

function modesOf(lanes: readonly LaneResult[]): readonly ModeName[] {
  return MODES.filter((mode) => lanes.some((lane) => lane.mode === mode));
}

function drawPanel({ title, lanes }: Panel, top: number): string {
  const modes = modesOf(lanes);
  const first = top + PANEL_HEAD;
  const bottom = first + modes.length * ROW;
  const grid = TICKS.map(
    (tick) =>
      `<path class="grid" d="M${x(tick)} ${first}V${bottom}"/><text class="tick" x="${x(tick)}" y="${bottom + 18}">${tick}</text>`,
  );
  const rows = modes.map((mode, index) => {
    const y = first + index * ROW;
    const band =
      index % 2 === 0
        ? `<rect class="band" x="24" y="${y}" width="${WIDTH - 48}" height="${ROW}" rx="4"/>`
        : '';
    return { band, marks: drawRow(mode, lanes, y) };
  });
  return [
    `<text class="panel" x="24" y="${top + 30}">${title}</text>`,
    ...rows.map(({ band }) => band),
    ...grid,
    ...rows.map(({ marks }) => marks),
  ].join('\n');
}

/** A client's mark has a height of its own, so that clients which are as quick as each other do not hide one another. */
function drawRow(mode: ModeName, lanes: readonly LaneResult[], top: number): string {
  const marks = CLIENTS.map((client, place) => {
    const y = top + ROW / 2 + (place - 2) * LANE;
    const lane = lanes.find((one) => one.mode === mode && one.client === client);
    if (lane !== undefined) return mark(client, x(lane.latency.p50), y) + value(client, lane, y);
    if (client !== 'keep-alive') return '';
    // To the right of the scale: it waits for the end of a stream that the server holds open.
    const edge = WIDTH - RIGHT + 14;
    return `${mark(client, edge, y)}<text class="note" x="${edge + 10}" y="${y + 4}">never</text>`;
  });
  return `<text class="mode" x="${LEFT - 12}" y="${top + ROW / 2 + 5}">${mode}</text>${marks.join('')}`;
}

function value(client: Drawn, { latency }: LaneResult, y: number): string {
  if (client !== 'sluice') return '';
  return `<text class="value" x="${x(latency.p50) - 11}" y="${y + 5}" text-anchor="end">${number(latency.p50)}</text>`;
}

function x(ms: number): number {
  const share = Math.log(Math.min(Math.max(ms, FROM), TO) / FROM) / Math.log(TO / FROM);
  return Math.round(10 * (LEFT + share * (WIDTH - LEFT - RIGHT))) / 10;
}

/** A shape of its own for each, for who cannot tell the colours apart. */
function mark(client: Drawn, x: number, y: number): string {
  switch (client) {
    case 'sluice':
      return `<circle class="sluice" cx="${x}" cy="${y}" r="6.5"/>`;
    case 'sdk-2':
      return `<path class="sdk-2" d="M${x} ${y - 6}l6 6l-6 6l-6 -6z"/>`;
    case 'sdk-1':
      return `<rect class="sdk-1" x="${x - 4.5}" y="${y - 4.5}" width="9" height="9"/>`;
    case 'keep-alive':
      return `<circle class="keep-alive" cx="${x}" cy="${y}" r="4.5"/>`;
    case 'fresh':
      return `<path class="fresh" d="M${x} ${y - 5}l5 9h-10z"/>`;
  }
}
