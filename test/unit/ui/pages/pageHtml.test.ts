import { describe, expect, it } from 'vitest';
import { action, pageHtml } from '../../../../src/ui/pages/pageHtml.ts';
import { html } from '../../../../src/ui/surfaces/html.ts';

const content = { title: '<b>tool</b>', style: '.mine { color: red; }', body: html`<p>text</p>` };

function policyOf(page: string): string | undefined {
  return /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
}

describe('a page', () => {
  it('may load nothing: its style sheet has the nonce, and pictures are data where it has any', () => {
    const page = pageHtml({ ...content, hasMedia: false }, 'NONCE');
    expect(policyOf(page)).toBe("default-src 'none'; style-src 'nonce-NONCE'");
    expect(page).toMatch(/<style nonce="NONCE">[^<]*\.mine \{ color: red; \}/);
    expect(page).not.toContain('<script');
    expect(policyOf(pageHtml({ ...content, hasMedia: true }, 'NONCE'))).toBe(
      "default-src 'none'; img-src data:; media-src data:; style-src 'nonce-NONCE'",
    );
  });

  it('has a title that is text, whatever a server calls its tool', () => {
    expect(pageHtml({ ...content, hasMedia: false }, 'N')).toContain(
      '<title>&lt;b&gt;tool&lt;/b&gt;</title>',
    );
  });

  it('hands the arguments of a command to its link as JSON that no name breaks out of', () => {
    const { markup } = action('showTrace', 'Show trace', 'a"><b>&');
    expect(markup).toContain('href="command:sluice.showTrace?%5B%22a%5C%22%3E%3Cb%3E%26%22%5D"');
  });
});
