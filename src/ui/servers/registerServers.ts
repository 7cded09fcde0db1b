import { openSettings } from '../settings/openSettings.ts';
import { line } from '../surfaces/line.ts';
import { window } from '../surfaces/window.ts';
import { addServer } from './addServer.ts';
import { ConnectionCommands } from './connectionCommands.ts';
import { DemoCommands } from './demoCommands.ts';
import type { UiContext } from './uiContext.ts';

export function registerServers({ settings, servers, demo: demoServer }: UiContext) {
  const connections = new ConnectionCommands(servers);
  const demo = new DemoCommands(demoServer, servers);
  const commands = {
    connect: (server?: string) => connections.connect(server),
    reconnect: (server?: string) => connections.reconnect(server),
    disconnect: (server?: string) => connections.disconnect(server),
    addServer: async () => {
      const server = await addServer(servers, settings);
      if (server !== undefined) await connections.connect(server);
    },
    startDemoServer: () => demo.start(),
    stopDemoServer: () => demo.stop(),
    openSettings: (server?: string) => openSettings(server),
    forgetInputs: async (name?: string) => {
      const count = await settings.forgetInputs(name);
      servers.refresh();
      const answers = count === 1 ? '1 stored input' : `${count} stored inputs`;
      void window.showInformationMessage(
        line`Sluice forgot ${answers}. They are asked for when they are needed.`,
      );
    },
    forgetConsents: async () => {
      const count = await settings.forgetConsents();
      const consents = count === 1 ? '1 consent' : `${count} consents`;
      void window.showInformationMessage(
        line`Sluice forgot ${consents}. A workspace's servers wait until you allow them again.`,
      );
    },
  };
  return { connections, commands };
}
