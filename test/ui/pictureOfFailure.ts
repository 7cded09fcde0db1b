import { beforeEach } from 'vitest';
import { pictureOpenWorkbenches } from './workbench.ts';

// A workbench takes a picture when it is closed. One that several tests share, or whose test takes too long, is still open.
beforeEach(({ onTestFailed }) => onTestFailed(pictureOpenWorkbenches));
