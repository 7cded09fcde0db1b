export { type DemoServer, type DemoServerOptions, startDemoServer } from './demoServer.ts';
export type { DemoStats } from './demoStats.ts';
