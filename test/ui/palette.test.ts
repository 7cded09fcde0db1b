import { expect, test } from 'vitest';
import { openWorkbench } from './workbench.ts';

test('the installed package offers its commands in the palette', async () => {
  await using workbench = await openWorkbench({ extension: 'installed' });

  expect(await workbench.searchCommands('Sluice:')).toContain('Sluice: Call Tool');
});
