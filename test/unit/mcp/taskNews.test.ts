import { expect, it } from 'vitest';
import { TaskNews } from '../../../src/core/mcp/taskNews.ts';

it('what a server tells of its tasks is remembered of the last 64', () => {
  let tell: (params: object) => void = () => undefined;
  const news = new TaskNews({
    onNotification: (_, listener) => {
      tell = (params) =>
        listener({ jsonrpc: '2.0', method: 'notifications/tasks/status', params: params as never });
      return () => undefined;
    },
  });
  for (let n = 0; n < 1_000; n++) tell({ taskId: `${n}`, status: 'working' });
  for (const odd of [{}, { taskId: 7, status: 'working' }, { taskId: 'x' }, { task: null }, { task: [] }])
    tell(odd);
  const known = Array.from({ length: 1_000 }, (_, n) => n).filter((n) => news.statusOf(`${n}`) !== undefined);
  expect(known).toEqual(Array.from({ length: 64 }, (_, n) => 936 + n));
});
