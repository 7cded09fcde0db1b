import { expect, test } from 'vitest';
import { openWorkbench } from './workbench.ts';

test('the extension is activated in less than 50 ms, as VS Code itself counts it', async () => {
  await using workbench = await openWorkbench({ extension: 'installed', files: { 'a.txt': '' } });
  const row = workbench.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Sluice' });
  const times: number[] = [];
  // The first activation shares two cores with a window that is still being drawn; the median of some does not.
  for (let n = 0; n < 7; n++) {
    await workbench.runCommand('Developer: Restart Extension Host');
    await workbench.runCommand('Developer: Show Running Extensions');
    await row.getByText(/Activation: \d+ms/).waitFor();
    times.push(Number(/(\d+)ms/.exec(await row.innerText())?.[1]));
    await workbench.runCommand('View: Close Editor');
  }
  console.log(`activation in ms: ${times.join(', ')}`);
  expect(times.sort((a, b) => a - b)[3]).toBeLessThan(50);
});
