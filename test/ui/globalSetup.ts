import { packageVsix } from '../../scripts/host/packageVsix.ts';
import { uiHost } from './uiHost.ts';

/** What every workbench needs: a VS Code, and Sluice as it is now, both in dist/ and packed. */
export async function setup(): Promise<void> {
  await uiHost();
  await packageVsix();
}
