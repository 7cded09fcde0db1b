import { serverHost } from '../../scripts/host/chooseHost.ts';
import { packageVsix } from '../../scripts/host/packageVsix.ts';

/** What every workbench needs: a VS Code, and Sluice as it is now, both in dist/ and packed. */
export async function setup(): Promise<void> {
  await serverHost();
  await packageVsix();
}
