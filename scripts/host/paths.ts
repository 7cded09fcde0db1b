import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's own folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[/\\]$/, '');

/** What is fetched or made to test in. Git ignores it; deleting it costs only the time to make it again. */
export const testCache = path.join(root, '.vscode-test');
