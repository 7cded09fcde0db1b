import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../../src/core/errors.ts';
import type { ContentBlock } from '../../../../src/core/mcp/mcpTypes.ts';
import { PAGE_COMMANDS, resultHtml } from '../../../../src/ui/result/resultHtml.ts';
import { partText, resultText } from '../../../../src/ui/result/resultText.ts';
import { answered, failed } from '../history/callRecords.ts';

const HOSTILE = `"'><script>alert(1)</script><img src=x onerror=alert(1)><a href="command:evil">x</a></style>`;

const page = (...content: ContentBlock[]) => resultHtml(answered({ content }), 'NONCE');
/** What a reader sees, without the head. */
const visible = (html: string) =>
  html
    .slice(html.indexOf('<body>'))
    .replace(/<[^>]+>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** The tags of a page with their attributes' names: what markup there is, whatever its text. */
function tags(html: string): string[] {
  const withoutValues = html.replace(/="[^"]*"/g, '=');
  return [...withoutValues.matchAll(/<[a-z][^>]*>/gi)].map(([tag]) => tag);
}

describe('a hostile server', () => {
  const everywhere = (text: string) =>
    resultHtml(
      {
        ...answered(
          {
            content: [
              { type: 'text', text },
              { type: text, data: text },
              { type: 'image', data: text, mimeType: text },
              { type: 'image', data: 'AAAA', mimeType: `image/png" onerror="alert(1)` },
              {
                type: 'resource_link',
                uri: text,
                name: text,
                title: text,
                description: text,
                mimeType: text,
              },
              { type: 'resource_link', uri: 'javascript:alert(1)', name: 'x' },
              { type: 'resource', resource: { uri: text, mimeType: text, text } },
              { type: 'resource', resource: { uri: `https://x/${text}`, mimeType: text, blob: text } },
            ],
            structuredContent: { [text]: text },
            isError: true,
          },
          { violations: [text], notes: [text, text, text, text] },
        ),
        tool: text,
        server: text,
        shownServer: text,
        arguments: { [text]: text },
      },
      'NONCE',
    );

  it('adds no element and no attribute to the page', () => {
    expect(new Set(tags(everywhere(HOSTILE)))).toEqual(new Set(tags(everywhere('harmless'))));
    expect(everywhere(HOSTILE)).not.toContain('<script');
  });

  it('adds none to the page of a failure either', () => {
    const error = (text: string) =>
      failed(
        new SluiceError('jsonrpc-error', text, {
          delivery: 'answered',
          hint: text,
          server: text,
          rpc: { code: 1, message: text, data: text },
        }),
      );
    expect(tags(resultHtml(error(HOSTILE), 'N'))).toEqual(tags(resultHtml(error('harmless'), 'N')));
  });

  it('gets no link but to the web, and no command of its own', () => {
    const links = [...everywhere(HOSTILE).matchAll(/href="([^"]*)"/g)].map(([, target = '']) => target);
    const allowed = PAGE_COMMANDS.map((command) => `command:${command}`);
    for (const target of links) {
      expect(target.startsWith('https://') || allowed.includes(target.split('?')[0] ?? '')).toBe(true);
    }
  });

  it('cannot make the page load anything: its policy allows data and the one style sheet', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page())?.[1]?.replaceAll('&#39;', "'");
    expect(policy).toBe("default-src 'none'; img-src data:; media-src data:; style-src 'nonce-NONCE'");
    expect(page()).not.toMatch(/\sstyle="/);
  });

  it('cannot make the page grow without an end', () => {
    const content = Array.from({ length: 5000 }, () => ({ type: 'text', text: 'x'.repeat(50_000) }));
    expect(page(...content).length).toBeLessThan(3_000_000);
    expect(visible(page(...content))).toContain('4900 more content blocks');
  });
});

describe('the page of a result', () => {
  it('shows text as text, line by line', () => {
    expect(page({ type: 'text', text: 'one\n  two < three' })).toContain(
      '<pre class="text">one\n  two &lt; three</pre>',
    );
  });

  it('shows text that is JSON as formatted JSON', () => {
    expect(visible(page({ type: 'text', text: '{"a":[1,true]}' }))).toContain(
      '{\n  "a": [\n    1,\n    true\n  ]\n}',
    );
  });

  it('bounds a long text, says how much is hidden, and opens the whole of it', () => {
    const html = page({ type: 'text', text: 'x'.repeat(21_234) });
    expect(visible(html)).toContain('1,234 more characters');
    expect(html).toContain('command:sluice.openResultPart?%5B0%5D');
  });

  it('bounds a large JSON value in the same way', () => {
    const list = Array.from({ length: 100_000 }, (_, index) => index);
    const html = resultHtml(answered({ structuredContent: list }), 'N');
    expect(html.length).toBeLessThan(300_000);
    expect(html).toContain('command:sluice.openResultPart?%5B%22structured%22%5D');
  });

  it('shows an image as data, and says what it is', () => {
    const html = page({ type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' });
    expect(html).toContain('<img src="data:image/png;base64,iVBORw0KGgo=" alt="image/png, 8 bytes">');
  });

  it('gives a sound its controls', () => {
    expect(page({ type: 'audio', data: 'AAAA', mimeType: 'audio/wav' })).toContain(
      '<audio controls src="data:audio/wav',
    );
  });

  it.each([
    ['a type that is no image', { type: 'image', data: 'AAAA', mimeType: 'text/html' }],
    ['data that is no base64', { type: 'image', data: 'javascript:', mimeType: 'image/png' }],
    ['a content type of the future', { type: 'hologram', angle: 90 }],
  ])('shows %s as JSON', (_, block) => {
    const html = page(block);
    expect(html).not.toContain('<img');
    expect(visible(html)).toContain(`"type": "${block.type}"`);
  });

  it('makes web addresses links, in texts too, without the full stop after them', () => {
    expect(page({ type: 'text', text: 'See https://example.com/a?b=1&c=2.' })).toContain(
      '<a href="https://example.com/a?b=1&amp;c=2">https://example.com/a?b=1&amp;c=2</a>.',
    );
    expect(page({ type: 'resource_link', uri: 'https://example.com', name: 'Home' })).toContain(
      '<a href="https://example.com">',
    );
    expect(page({ type: 'resource_link', uri: 'file:///etc/passwd', name: 'x' })).toContain(
      '<code>file:///etc/passwd</code>',
    );
  });

  it('shows what a resource holds', () => {
    const html = page({
      type: 'resource',
      resource: { uri: 'demo://x', mimeType: 'text/plain', text: 'inside' },
    });
    expect(visible(html)).toContain('demo://x text/plain');
    expect(html).toContain('<pre class="text">inside</pre>');
  });

  it('names the server with its scope', () => {
    const html = resultHtml({ ...answered({}), shownServer: 'docs (workspace)' }, 'N');
    expect(visible(html)).toContain('OK · docs (workspace)');
  });

  it('says plainly that a tool failed', () => {
    const html = resultHtml(answered({ content: [{ type: 'text', text: 'no' }], isError: true }), 'N');
    expect(visible(html)).toContain('Tool error · demo');
    expect(visible(html)).toContain('The tool answered that it failed.');
  });

  it('shows structured content, and where it breaks the output schema', () => {
    const html = visible(
      resultHtml(answered({ structuredContent: { sum: 'x' } }, { violations: ['/sum: not a number'] }), 'N'),
    );
    expect(html).toContain('"sum": "x"');
    expect(html).toContain("breaks the tool's output schema:/sum: not a number");
  });

  it('says in one quiet line what the structured content is only unlike', () => {
    const notes = (count: number) => Array.from({ length: count }, (_, index) => `/at/${index}: no date`);
    const page = (count: number) =>
      visible(resultHtml(answered({ structuredContent: {} }, { notes: notes(count) }), 'N'));
    expect(page(0)).not.toContain('Unlike');
    expect(page(1)).toContain("Unlike what the tool's output schema describes: /at/0: no date.");
    expect(page(5)).toContain('/at/0: no date; /at/1: no date; /at/2: no date; and 2 more.');
    expect(page(5)).not.toContain('breaks');
  });

  it('shows structured content that is no object', () => {
    expect(visible(resultHtml(answered({ structuredContent: null }), 'N'))).toContain(
      'Structured contentnull',
    );
  });

  it('shows no argument that the tool’s schema calls secret', () => {
    const record = { ...answered({}), arguments: { name: 'Ada', pin: '4711' } };
    expect(resultHtml(record, 'n')).toContain('4711');
    const page = resultHtml({ ...record, shownArguments: { name: 'Ada', pin: '••••' } }, 'n');
    expect(page).toContain('Ada');
    expect(page).not.toContain('4711');
  });

  it('says so where a result is empty', () => {
    expect(visible(page())).toContain('The result has no content.');
  });
});

describe('the timing line', () => {
  it('has every phase with its milliseconds, and the connection', () => {
    const text = visible(page()).replace(/\s+/g, ' ');
    expect(text).toContain(
      'queued 0.1 ms connect 0 ms sent 0.2 ms headers 1 ms first event 0.1 ms response 0.1 ms',
    );
    expect(text).toContain(
      'Connection #3 reused (request 7), SSE, HTTP/1.1. Rest of the response: draining.',
    );
  });

  it('adds the drain when it is known', () => {
    const drain = { outcome: 'held-open', ms: 250, bytes: 0 } as const;
    const text = visible(resultHtml(answered({}, { drain }), 'N')).replace(/\s+/g, ' ');
    expect(text).toContain('drained 250 ms');
    expect(text).toContain('server holds the stream open, connection closed');
  });

  it('draws stretches that fill the bar, in proportion', () => {
    const widths = [...page().matchAll(/<rect class="[a-z-]+" x="[\d.]+%" width="([\d.]+)%"/g)].map(
      ([, width]) => Number(width),
    );
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(100, 1);
    expect(Math.max(...widths)).toBeCloseTo(100 / 1.5, 1);
  });

  it('tells what came before the request that was answered', () => {
    const text = visible(resultHtml({ ...answered({}), ms: 101.5 }, 'N')).replace(/\s+/g, ' ');
    expect(text).toContain('OK · demo · 102 ms');
    expect(text).toContain('before 100 ms');
  });
});

describe('the page of a failure', () => {
  it('says what happened, where, whether the server got it, and what to do', () => {
    const error = new SluiceError('request-timeout', 'No answer within 5 s', {
      server: 'demo',
      phase: 'headers',
      delivery: 'unknown',
      hint: 'Raise requestTimeout.',
    });
    const html = resultHtml(failed(error), 'N');
    const text = visible(html).replace(/\s+/g, ' ');
    expect(text).toContain('Failed · demo');
    expect(text).toContain(
      'No answer within 5 s Raise requestTimeout. request-timeout, while waiting for the response to begin.',
    );
    expect(text).toContain('The server may have run the call, or may still run it.');
    expect(html).toContain('command:sluice.openSettings?%5B%22demo%22%5D');
  });

  it('shows the JSON-RPC error as it came', () => {
    const rpc = { code: -32602, message: 'bad', data: { field: 'x' } };
    expect(
      visible(
        resultHtml(failed(new SluiceError('jsonrpc-error', 'bad', { delivery: 'answered', rpc })), 'N'),
      ),
    ).toContain('"field": "x"');
  });

  it('does not alarm where the user cancelled', () => {
    const html = resultHtml(
      failed(new SluiceError('cancelled', 'The call was cancelled', { delivery: 'unknown' })),
      'N',
    );
    expect(html).not.toContain('class="banner"');
    expect(visible(html)).toContain('Cancelled · demo');
  });
});

describe('copying a result', () => {
  it('gives the texts where it is made of texts, else the JSON', () => {
    const texts = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    expect(resultText(answered({ content: texts }))).toBe('a\nb');
    expect(JSON.parse(resultText(answered({ content: texts, structuredContent: 1 })))).toEqual({
      content: texts,
      structuredContent: 1,
    });
  });

  it('gives a part in full, in the language it is in', () => {
    const record = answered({
      content: [{ type: 'text', text: '{"a":1}' }, { type: 'text', text: 'plain' }, { type: 'odd' }],
      structuredContent: [1],
    });
    expect(partText(record, 0)).toEqual({ text: '{\n  "a": 1\n}', extension: 'json' });
    expect(partText(record, 1)).toEqual({ text: 'plain', extension: 'txt' });
    expect(partText(record, 2)?.extension).toBe('json');
    expect(partText(record, 'structured')).toEqual({ text: '[\n  1\n]\n', extension: 'json' });
  });
});
