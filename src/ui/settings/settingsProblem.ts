import type { ConfigProblem } from '../../core/config/configProblem.ts';
import type { SettingsOrigin } from './settingsScopes.ts';

/** A problem, and the file that has it. */
export interface SettingsProblem extends ConfigProblem {
  readonly origin: SettingsOrigin;
}
