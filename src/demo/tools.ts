import type { DemoTool } from './tool.ts';
import { add } from './tools/add.ts';
import { ask } from './tools/ask.ts';
import { echo } from './tools/echo.ts';
import { fail } from './tools/fail.ts';
import { image } from './tools/image.ts';
import { large } from './tools/large.ts';
import { links } from './tools/links.ts';
import { sayHello } from './tools/sayHello.ts';
import { slow } from './tools/slow.ts';
import { structured } from './tools/structured.ts';

/** In the order in which a person would try them. */
export const tools: readonly DemoTool[] = [
  sayHello,
  echo,
  add,
  slow,
  ask,
  structured,
  image,
  links,
  large,
  fail,
];

export const toolsByName: ReadonlyMap<string, DemoTool> = new Map(tools.map((tool) => [tool.name, tool]));
