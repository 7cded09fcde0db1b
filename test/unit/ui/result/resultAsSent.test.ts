import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../../src/core/errors.ts';
import { exactError } from '../../../../src/core/jsonrpc/exactError.ts';
import { parseExact } from '../../../../src/core/jsonrpc/exactJson.ts';
import { resultHtml } from '../../../../src/ui/result/resultHtml.ts';
import { partText, resultText, wholeText } from '../../../../src/ui/result/resultText.ts';
import { answered, failed, received } from '../history/callRecords.ts';

/** What a reader sees of the page of a result. */
function visible(html: string): string {
  return html
    .slice(html.indexOf('<main>'), html.indexOf('</main>'))
    .replace(/<[^>]+>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
const shown = (result: string | Buffer) => visible(resultHtml(received(result), 'N'));
const text = (said: string) => JSON.stringify({ type: 'text', text: said });

/** What JavaScript would show in another way. */
const NUMBERS = '{"id":9007199254740993,"rate":1.0,"big":1e400,"zero":-0,"fine":0.1000000000000000055}';
const LAID_OUT =
  '{\n  "id": 9007199254740993,\n  "rate": 1.0,\n  "big": 1e400,\n  "zero": -0,\n  "fine": 0.1000000000000000055\n}';

describe('numbers and members of a result', () => {
  it.each([
    ['structured content', `{"content":[],"structuredContent":${NUMBERS}}`],
    ['a text that is JSON', `{"content":[${text(NUMBERS)}]}`],
    ['content that is no list', `{"content":${NUMBERS}}`],
    ['the result of an old revision', `{"toolResult":${NUMBERS}}`],
    ['members that no revision knows', NUMBERS],
  ])('are shown as they were sent: in %s', (_, result) => {
    expect(shown(result)).toContain(LAID_OUT);
  });

  it('are shown as they were sent in a block of a type that nobody knows', () => {
    const block = '{"type":"hologram","id":9007199254740993}';
    expect(shown(`{"content":[${text('x')},${block}]}`)).toContain('"id": 9007199254740993\n}');
  });

  it('are shown as they were sent in the arguments, and in the data of an error', () => {
    const args = parseExact('{"id":9007199254740993}') as Record<string, unknown>;
    expect(resultHtml({ ...answered({}), arguments: args }, 'N')).toContain('9007199254740993');
    const message = JSON.parse(
      '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no","data":{"id":9007199254740993}}}',
    );
    const sent = '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no","data":{"id":9007199254740993}}}';
    const rpc = exactError(message, { text: sent, index: undefined });
    const record = failed(new SluiceError('jsonrpc-error', 'no (1)', { delivery: 'answered', rpc }));
    expect(visible(resultHtml(record, 'N'))).toContain('"id": 9007199254740993');
    expect(wholeText(record).text).toContain('"id": 9007199254740993');
  });

  it('keep their order, and stand twice where they were sent twice', () => {
    const members = '{"10":"a","9":"b","x":1,"x":2,"__proto__":3}';
    expect(shown(`{"content":[],"structuredContent":${members}}`)).toContain(
      '{\n  "10": "a",\n  "9": "b",\n  "x": 1,\n  "x": 2,\n  "__proto__": 3\n}',
    );
  });

  it('are opened and copied as they were sent', () => {
    const record = received(`{"content":[],"structuredContent":${NUMBERS}}`);
    expect(partText(record, 'structured')).toEqual({ text: `${LAID_OUT}\n`, extension: 'json' });
    for (const whole of [wholeText(record).text, resultText(record)]) expect(whole).toContain('"rate": 1.0');
    expect(partText(received(`{"content":[${text(NUMBERS)}]}`), 0)?.text).toBe(LAID_OUT);
  });

  it('of any result that is opened are those that were sent', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const { text } = wholeText(received(`{"content":[],"structuredContent":${json}}`));
        expect(text).toBe(
          `${JSON.stringify(JSON.parse(`{"content":[],"structuredContent":${json}}`), null, 2)}\n`,
        );
      }),
    );
  });

  it('are not shown rounded where the answer is too large to find them in it, but said to be elsewhere', () => {
    const filler = ' '.repeat(6_000_000);
    const result = `{"_meta":{"x":[${filler}]},"content":[],"structuredContent":{"id":9007199254740993}}`;
    const html = shown(result);
    expect(html).not.toContain('900719925474099');
    expect(html).toContain('The text before it is too long to be searched here. Open in editor');
    expect(partText(received(result), 'structured')?.text).toContain('"id":9007199254740993}');
  });

  it('are shown from the beginning of a value whose end is too far to be looked for', () => {
    const html = shown(
      `{"content":[],"structuredContent":[9007199254740993,[],${'  1,'.repeat(10_000)}${' '.repeat(6_000_000)}1]}`,
    );
    expect(html).toContain('[\n  9007199254740993,\n  [],');
    expect(html).toContain('Only the beginning is shown.');
  });
});

describe('a result that is not as the protocol has it', () => {
  it.each([
    [
      'one block',
      '{"content":{"type":"text","text":"the answer"}}',
      'The "content" of the result is not a list',
    ],
    ['a text', '{"content":"the answer"}', 'The "content" of the result is not a list, but "the answer".'],
    [
      'the first revision',
      '{"toolResult":{"content":[{"type":"text","text":"the answer"}]}}',
      'its "toolResult"',
    ],
    [
      'null among blocks',
      `{"content":[null,${text('the answer')}]}`,
      'Content block 1 has no "type", and is shown as it came: null.',
    ],
    [
      'a type that is null',
      `{"content":[{"type":null,"text":"x"},${text('the answer')}]}`,
      'Content block 1 has no "type"',
    ],
    [
      'a block without a type',
      `{"content":[{"text":"x"},${text('the answer')}]}`,
      'Content block 1 has no "type"',
    ],
    [
      'a number among blocks',
      `{"content":[${text('the answer')},7]}`,
      'Content block 2 has no "type", and is shown as it came: 7.',
    ],
    ['a list among blocks', `{"content":[[${text('the answer')}]]}`, 'Content block 1 has no "type"'],
    [
      'a number as content',
      '{"content":42,"answer":"the answer"}',
      'The "content" of the result is not a list, but 42.',
    ],
    [
      'content that is null',
      '{"content":null,"answer":"the answer"}',
      'The "content" of the result is not a list, but null.',
    ],
    [
      'no content but something else',
      '{"answer":"the answer"}',
      'The result has no content, but other members',
    ],
    ['an empty content beside something else', '{"content":[],"answer":"the answer"}', 'other members'],
  ])('shows what came, and says what is odd: %s', (_, result, said) => {
    const html = shown(result);
    expect(html).toContain(said);
    expect(html).not.toContain('The result has no content.');
    if (!result.startsWith('{"content":42') && !result.startsWith('{"content":null'))
      expect(html).toContain('the answer');
  });

  it('shows the odd block itself as it came', () => {
    expect(shown('{"content":[null]}')).toContain('null');
    expect(shown('{"content":[{"type":null,"id":9007199254740993}]}')).toContain('"id": 9007199254740993');
  });

  it.each(['image', 'audio', 'resource', 'resource_link', 'text'])(
    'shows a %s block without what makes it one',
    (type) => {
      for (const more of [
        '',
        ',"data":7',
        ',"resource":null',
        ',"text":null',
        ',"uri":{}',
        ',"resource":{"uri":1}',
      ])
        expect(shown(`{"content":[{"type":"${type}"${more}}]}`)).toContain(`"type": "${type}"`);
    },
  );

  it('never throws, whatever the result is, and never says that there is nothing where there is something', () => {
    const odd = fc.json({ maxDepth: 3 });
    const block = fc.oneof(
      odd,
      fc
        .record(
          {
            type: fc.constantFrom('text', 'image', 'audio', 'resource', 'resource_link', 'x', null, 7),
            text: fc.jsonValue({ maxDepth: 1 }),
            data: fc.jsonValue({ maxDepth: 1 }),
            mimeType: fc.constantFrom('image/png', 'text/plain', 1, null),
            resource: fc.jsonValue({ maxDepth: 2 }),
            uri: fc.jsonValue({ maxDepth: 1 }),
          },
          { requiredKeys: [] },
        )
        .map((one) => JSON.stringify(one)),
    );
    const result = fc.oneof(
      fc
        .tuple(fc.array(block, { maxLength: 4 }), odd)
        .map(([blocks, structured]) => `{"content":[${blocks}],"structuredContent":${structured}}`),
      odd.map((content) => `{"content":${content}}`),
      odd.map((content) => `{"toolResult":${content}}`),
    );
    fc.assert(
      fc.property(result, (json) => {
        const html = shown(json);
        expect(html).not.toContain('could not be drawn');
        const isEmpty = /^\{"content":\[\]\}$/.test(json);
        if (!isEmpty) expect(html).not.toContain('The result has no content.');
      }),
      { numRuns: 500 },
    );
  });
});

describe('bytes of an answer', () => {
  it('that are not UTF-8 are counted, and said in one line', () => {
    const bytes = Buffer.from(`{"content":[${text('caf\u00e9')}]}`, 'latin1');
    expect(shown(bytes)).toContain('1 byte of the answer is not UTF-8, and shown as U+FFFD (\ufffd).');
    expect(shown(bytes)).toContain('caf\ufffd');
  });

  it('that are UTF-8 are not spoken of, though U+FFFD is among them', () => {
    expect(shown(`{"content":[${text('\ufffd é')}]}`)).not.toContain('UTF-8');
  });
});

describe('structured content', () => {
  const value = { city: 'Zürich', list: [1, 2.5, 'x'], id: 1 };
  const json = JSON.stringify(value);
  const structured = (content: string, of = json) =>
    shown(`{"content":[${content}],"structuredContent":${of}}`);
  const SAID = 'The same as what is shown above.';

  it.each([
    ['compact', text(json), json],
    ['laid out', text(JSON.stringify(value, null, 2)), json],
    ['with escapes', text(json.replace('ü', '\\u00fc')), json],
    ['in the second text', `${text('Here it is:')},${text(json)}`, json],
    ['as the only member', text(json), `{"result":${json}}`],
    ['as a text in the only member', text('plain words'), '{"content":"plain words"}'],
    ['with all blocks in the only member', text('plain words'), `{"content":[${text('plain words')}]}`],
    ['a number', text('5'), '{"result":5}'],
  ])('that a text repeats is shown once: %s', (_, content, of) => {
    expect(structured(content, of)).toContain(SAID);
  });

  it.each([
    ['another number', text('{"id":9007199254740993}'), '{"id":9007199254740992}'],
    ['another form of the number', text('{"id":1}'), '{"id":1.0}'],
    ['one member more', text('{"id":1}'), '{"id":1,"more":2}'],
    ['one item less', text('[1,2]'), '[1]'],
    ['other words', text('plain words'), '{"content":"other words"}'],
    ['a text of the number', text('"5"'), '5'],
  ])('that says something else is shown: %s', (_, content, of) => {
    expect(structured(content, of)).not.toContain(SAID);
  });

  it('shows no Base64 of a picture that is drawn above it', () => {
    const data = Buffer.from('picture'.repeat(1_000)).toString('base64');
    const image = `{"type":"image","data":"${data}","mimeType":"image/png"}`;
    const html = structured(image, `{"name":"a.png","content":[${image}]}`);
    expect(html).toContain('"data": (7 kB, shown above)');
    expect(html).toContain('"name": "a.png"');
    expect(html).not.toContain(data.slice(0, 100));
    // PHP writes slashes in another way.
    expect(structured(image, `{"name":"a","data":"${data.replaceAll('/', '\\/')}"}`)).toContain(
      'shown above',
    );
  });

  it('goes on behind a string that is long', () => {
    const html = structured('', `{"text":"${'x'.repeat(100_000)}","last":true}`);
    expect(html).toContain('… 95,002 more characters');
    expect(html).toContain('"last": true');
  });
});

describe('texts of a server', () => {
  const hidden = 'safe\u202egnp.exe\u200b';

  it('cannot hide or turn around a part of a name', () => {
    const link = `{"type":"resource_link","uri":${JSON.stringify(`https://a.example/${hidden}`)},"name":${JSON.stringify(hidden)}}`;
    const html = resultHtml({ ...received(`{"content":[${link}]}`), tool: hidden, server: hidden }, 'N');
    expect(html).not.toContain('\u202e');
    expect(html).toContain('safe‹U+202E›gnp.exe‹U+200B›');
    expect(html).not.toContain('<a href="https');
  });

  it('keep their characters where they are the content', () => {
    expect(shown(`{"content":[${text(hidden)}]}`)).toContain(hidden);
  });
});
