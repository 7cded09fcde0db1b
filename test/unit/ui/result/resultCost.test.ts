import { describe, expect, it } from 'vitest';
import { resultHtml } from '../../../../src/ui/result/resultHtml.ts';
import { partText, resultText, wholeText } from '../../../../src/ui/result/resultText.ts';
import { answered, received } from '../history/callRecords.ts';

/** Milliseconds that this thread computed: what others do on the machine does not count. */
function cpu(run: () => unknown): number {
  const { threadCpuUsage } = process as unknown as {
    threadCpuUsage(before?: NodeJS.CpuUsage): NodeJS.CpuUsage;
  };
  const before = threadCpuUsage();
  run();
  const { user, system } = threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** The least of a few runs: the first ones are compiled meanwhile. */
const cost = (run: () => unknown) => Math.min(...Array.from({ length: 5 }, () => cpu(run)));

const text = (said: string) => JSON.stringify({ type: 'text', text: said });
const picture = (data: string) => `{"type":"image","mimeType":"image/png","data":"${data}"}`;
const content = (...blocks: string[]) => `{"content":[${blocks.join()}]}`;
const structured = (json: string) => `{"content":[],"structuredContent":${json}}`;
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const rows = (count: number) =>
  JSON.stringify(Array.from({ length: count }, (_, id) => ({ id, name: `name ${id}`, tags: ['a', 'b'] })));

/** Results of a megabyte, times a factor. */
const LOADS: Readonly<Record<string, (times: number) => string>> = {
  'a picture of blanks': (times) => content(picture(`${' '.repeat(1e6 * times)}!`)),
  'a picture of padding': (times) => content(picture(`${'='.repeat(1e6 * times)}A`)),
  pictures: (times) => content(...Array<string>(100).fill(picture('A'.repeat(1e4 * times)))),
  'a file of blanks': (times) =>
    content(
      `{"type":"resource","resource":{"uri":"a:b","mimeType":"image/png","blob":"${' '.repeat(1e6 * times)}!"}}`,
    ),
  'texts of nested JSON': (times) => content(...Array<string>(100).fill(text(nested(5_000 * times)))),
  'nested structured content': (times) => structured(nested(500_000 * times)),
  'a block that is nested': (times) => content(`{"type":"x","y":${nested(500_000 * times)}}`),
  'a long text': (times) => content(text('line\n'.repeat(200_000 * times))),
  'a long text of JSON': (times) => content(text(rows(20_000 * times))),
  'large structured content': (times) => structured(rows(20_000 * times)),
  'a string of quotes': (times) => structured(`{"a":"${'\\"'.repeat(500_000 * times)}"}`),
  'an object of many members': (times) =>
    structured(`{${Array.from({ length: 80_000 * times }, (_, n) => `"m${n}":1`)}}`),
  'many blocks': (times) =>
    content(
      Array<string>(20_000 * times)
        .fill(text('x'))
        .join(),
    ),
  'many blocks that are none': (times) =>
    content(
      Array<string>(100_000 * times)
        .fill('null')
        .join(),
    ),
  'texts that are all but repeated': (times) =>
    `{"content":[${Array<string>(100).fill(text(`[${'1,'.repeat(5_000 * times)}2]`))}],"structuredContent":[${'1,'.repeat(5_000 * times)}3]}`,
  'addresses with full stops': (times) =>
    content(...Array<string>(100).fill(text(`http://a.b/${'.'.repeat(10_000 * times)}x`))),
  'many addresses': (times) => content(...Array<string>(100).fill(text('http://a.b/ '.repeat(800 * times)))),
  'long names': (times) =>
    content(
      `{"type":"resource_link","uri":"${'x'.repeat(5e5 * times)}","name":"${'\\u202e'.repeat(1e5 * times)}"}`,
    ),
};

describe('what a result costs', () => {
  it.each(Object.entries(LOADS))(
    'stops nobody for 100 ms, and grows no faster than it: %s',
    (_, make) => {
      const [once, fourTimes] = [1, 4].map((times) => {
        const record = received(make(times));
        return [
          cost(() => resultHtml(record, 'N')),
          cost(() => wholeText(record)),
          cost(() => resultText(record)),
          cost(() => ['structured' as const, 0].map((part) => partText(record, part))),
        ];
      });
      fourTimes?.forEach((ms, work) => {
        expect(ms).toBeLessThan(100);
        // A quadratic one would take sixteen times as long; what is hardly measurable says nothing.
        expect(ms).toBeLessThan(Math.max(50, 8 * (once?.[work] ?? 0)));
      });
    },
    60_000,
  );

  it('is bounded for the arguments, too', () => {
    let deep: unknown = 0;
    for (let n = 0; n < 200_000; n++) deep = { deep };
    for (const args of [{ deep }, { wide: Array(1_000_000).fill(0) }, { long: 'x'.repeat(20_000_000) }]) {
      const record = { ...answered({}), arguments: args };
      expect(cost(() => resultHtml(record, 'N'))).toBeLessThan(100);
      expect(resultHtml(record, 'N')).not.toContain('could not be drawn');
    }
  });

  it('is bounded in bytes, whatever the blocks are', () => {
    const pictures = content(...Array<string>(100).fill(picture('A'.repeat(300_000))));
    const html = resultHtml(received(pictures), 'N');
    expect(html.length).toBeLessThan(20_000_000);
    expect(html).toContain('the page has no more room for it');
    const texts = content(...Array<string>(100).fill(text('<&>'.repeat(50_000))));
    expect(resultHtml(received(texts), 'N').length).toBeLessThan(3_000_000);
  });
});
