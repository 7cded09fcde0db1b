import { configProblem } from '../../core/config/configProblem.ts';
import { readSettingsFile } from './settingsFile.ts';
import type { SettingsProblem } from './settingsProblem.ts';
import { workspaceOrigins } from './settingsScopes.ts';

/**
 * Settings of an untrusted workspace that are left out. VS Code hides them from extensions, so the files are read;
 * that they mention Sluice is all that is taken from them.
 */
export async function ignoredSettings(): Promise<readonly SettingsProblem[]> {
  const told = await Promise.all(
    workspaceOrigins().map(async (origin) => {
      const { text } = await readSettingsFile(origin.file);
      if (!/"sluice[."]/.test(text)) return [];
      const problem = configProblem('warning', ['sluice.servers'], {
        found: 'is not used, because this workspace is not trusted',
        hint: 'trust the workspace to use the servers that its settings name',
      });
      return [{ ...problem, origin }];
    }),
  );
  return told.flat();
}
