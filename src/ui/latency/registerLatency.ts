import type { UiContext } from '../servers/uiContext.ts';
import { LatencyView } from './latencyView.ts';

export function registerLatency({ servers, documents, subscriptions }: UiContext) {
  const latency = new LatencyView(servers, documents);
  subscriptions.push(latency);
  return { commands: { showLatency: () => latency.show() } };
}
