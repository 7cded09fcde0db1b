import { defineConfig } from 'vitest/config';

/** These measure what Sluice costs or what a server does in time: nothing may run beside them. */
const measured = ['core/learning', 'core/loads', 'core/soak', 'bench', 'diagnosis'].map(
  (name) => `test/integration/${name}.test.ts`,
);
const realSockets = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // Of the processors; vitest itself leaves one of them free.
    maxWorkers: '100%',
    // Where tests of one file say that they may run side by side: they wait most of the time, and measure what waits.
    maxConcurrency: 2,
    projects: [
      // Milliseconds each, seconds for a property; the bound is for a machine that others use as well.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          ...realSockets,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: measured,
        },
      },
      { test: { ...realSockets, name: 'measured', include: measured, fileParallelism: false } },
      {
        test: {
          // vitest and not Playwright's own runner: one runner, one matcher, one report for every suite outside VS Code.
          name: 'ui',
          include: ['test/ui/**/*.test.ts'],
          globalSetup: 'test/ui/globalSetup.ts',
          setupFiles: 'test/ui/pictureOfFailure.ts',
          // One workbench is a server, an extension host and a browser: several at once would only wait for each other.
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 90_000,
          // How long what a user would see may take to appear. The workbench draws without a graphics card.
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
  },
});
