import type { UsedServer } from '../servers/serverView.ts';
import { type Line, line } from '../surfaces/line.ts';
import { formatMs } from '../text/formatMs.ts';
import { shownName } from '../text/serverName.ts';

/** What the status bar says in a few characters. */
export interface StatusText {
  readonly text: Line;
  /** What a screen reader says. */
  readonly label: Line;
  /** A click cancels what is in flight. */
  readonly cancels: boolean;
}

/** @param shown the server that did something last; undefined before any was used */
export function statusText(shown: UsedServer | undefined): StatusText {
  if (shown === undefined) return { text: line`$(plug) Sluice`, label: line`Sluice`, cancels: false };
  const { state, inFlight, lastCall } = shown;
  const name = shownName(shown.name, shown.scope);
  if (inFlight > 0) {
    const count = inFlight === 1 ? '' : ` ${inFlight}`;
    const label = line`Sluice: ${name}, ${inFlight} in flight, click to cancel`;
    return { text: line`$(sync~spin) ${name}${count}…`, label, cancels: true };
  }
  if (state.kind === 'connecting') {
    return { text: line`$(sync~spin) ${name}`, label: line`Sluice: ${name} connecting`, cancels: false };
  }
  if (state.kind === 'failed') return failed(name, 'cannot be reached');
  switch (lastCall?.outcome) {
    case undefined:
    case 'cancelled':
      return { text: line`$(plug) ${name}`, label: line`Sluice: ${name} ${state.kind}`, cancels: false };
    case 'error':
      return failed(name, 'last call failed');
    case 'ok':
    case 'tool-error': {
      const ms = formatMs(lastCall.ms);
      return {
        text: line`$(plug) ${name} ${ms}`,
        label: line`Sluice: ${name}, last call ${ms}`,
        cancels: false,
      };
    }
  }
}

function failed(name: string, why: string): StatusText {
  return { text: line`$(error) ${name}`, label: line`Sluice: ${name} ${why}`, cancels: false };
}
