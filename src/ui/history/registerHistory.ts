import { line } from '../surfaces/line.ts';
import { window } from '../surfaces/window.ts';
import type { CallHistory } from './callHistory.ts';

export function registerHistory({ history }: { readonly history: CallHistory }) {
  const commands = {
    clearCallHistory: async () => {
      await history.clear();
      void window.showInformationMessage(
        line`Sluice forgot the calls of this workspace: their tools and their arguments.`,
      );
    },
  };
  return { commands };
}
