import { describe, expect, test } from 'vitest';
import { placeOf } from '../../../../src/ui/settings/settingsPlace.ts';

/** The text that is underlined. */
function underlined(text: string, path: string[], root: string[] = []): string | undefined {
  const span = placeOf(text, root, path);
  return span && text.slice(span.start, span.end);
}

const URL_PATH = ['sluice.servers', 'docs', 'url'];

describe('the place of a problem in a settings file', () => {
  test('is the key, not its value', () => {
    const text = '{ "sluice.servers": { "docs": { "url": "url" } } }';
    expect(underlined(text, URL_PATH)).toBe('"url"');
    expect(placeOf(text, [], URL_PATH)?.start).toBe(text.indexOf('"url"'));
  });

  test('is found between comments and after a trailing comma', () => {
    const text = '{\n// "url": 1\n"sluice.servers": { /* "docs" */ "docs": { "url": 1, }, }, }';
    expect(placeOf(text, [], URL_PATH)?.start).toBe(text.lastIndexOf('"url"'));
  });

  test('is the entry where the key is missing', () => {
    expect(underlined('{ "sluice.servers": { "docs": {} } }', URL_PATH)).toBe('"docs"');
  });

  test('is the setting where the entry is gone', () => {
    expect(underlined('{ "sluice.servers": {} }', URL_PATH)).toBe('"sluice.servers"');
  });

  test('is nowhere in a file without the setting', () => {
    expect(underlined('{ "editor.fontSize": 12 }', URL_PATH)).toBeUndefined();
    expect(underlined('', URL_PATH)).toBeUndefined();
  });

  test.each([
    ['{ "sluice.pool.maxConnections": 0 }', '"sluice.pool.maxConnections"'],
    ['{ "sluice.pool": { "maxConnections": 0 } }', '"maxConnections"'],
    ['{ "sluice": { "pool": { "maxConnections": 0 } } }', '"maxConnections"'],
  ])('is found in %s, which all mean the same', (text, key) => {
    expect(underlined(text, ['sluice.pool.maxConnections'])).toBe(key);
  });

  test('is found in a .code-workspace file, and not outside of its settings', () => {
    const settings = '{ "sluice.servers": { "docs": { "url": 1 } } }';
    expect(underlined(`{ "folders": [], "settings": ${settings} }`, URL_PATH, ['settings'])).toBe('"url"');
    expect(underlined(settings, URL_PATH, ['settings'])).toBeUndefined();
  });

  test('is the nearest whole key in a file that is being typed', () => {
    expect(underlined('{ "sluice.servers": { "docs": { "url": ', URL_PATH)).toBe('"docs"');
  });
});
