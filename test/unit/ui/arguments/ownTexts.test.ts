import { describe, expect, it } from 'vitest';
import { OwnTexts } from '../../../../src/ui/arguments/ownTexts.ts';

const URI = 'sluice-arguments:/docs/wipe.json';
const TYPED = { isDirty: true, isVisible: true };
const UNSEEN = { isDirty: true, isVisible: false };
const REREAD = { isDirty: false, isVisible: true };

/** A document that Sluice made, and that is open. */
function opened() {
  const texts = new OwnTexts();
  texts.wrote(URI, 'start');
  texts.opened(URI, 'start');
  return texts;
}

describe('what a document of arguments holds', () => {
  it('is the user’s as Sluice made it, as it was typed, and as it was saved', () => {
    const texts = opened();
    expect(texts.isOwn(URI, 'start')).toBe(true);
    texts.changed(URI, 'typed', TYPED);
    expect(texts.isOwn(URI, 'typed')).toBe(true);
    texts.saved(URI, 'typed');
    texts.closed(URI);
    texts.opened(URI, 'typed');
    expect(texts.isOwn(URI, 'typed')).toBe(true);
    texts.changed(URI, 'typed on', TYPED);
    // Taken back to what the file holds.
    texts.changed(URI, 'typed', REREAD);
    expect(texts.isOwn(URI, 'typed')).toBe(true);
  });

  it('is the user’s as Sluice changed it, though no editor showed it then', () => {
    const texts = opened();
    texts.changed(URI, 'carried over', UNSEEN);
    texts.edited(URI, 'carried over');
    expect(texts.isOwn(URI, 'carried over')).toBe(true);
  });

  it.each<[string, (texts: OwnTexts) => void]>([
    ['into the file of one that was never open', (texts) => texts.opened(URI, 'foreign')],
    ['into the file while it is open', (texts) => texts.changed(URI, 'foreign', REREAD)],
    ['into the document while no editor shows it', (texts) => texts.changed(URI, 'foreign', UNSEEN)],
    [
      'and that was saved then',
      (texts) => {
        texts.changed(URI, 'foreign', UNSEEN);
        texts.saved(URI, 'foreign');
        texts.closed(URI);
        texts.opened(URI, 'foreign');
      },
    ],
    [
      'and that was written on',
      (texts) => {
        texts.changed(URI, 'foreig', REREAD);
        texts.changed(URI, 'foreign', TYPED);
      },
    ],
  ])('is not the user’s where something else wrote it %s, until the user says yes to it', (_, write) => {
    const texts = opened();
    write(texts);
    expect(texts.isOwn(URI, 'foreign')).toBe(false);
    texts.wrote(URI, 'foreign');
    texts.edited(URI, 'foreign');
    expect(texts.isOwn(URI, 'foreign')).toBe(true);
    texts.changed(URI, 'foreign again', UNSEEN);
    expect(texts.isOwn(URI, 'foreign again')).toBe(false);
  });

  it('is nobody’s where nothing is known of it', () => {
    const texts = new OwnTexts();
    expect(texts.isOwn(URI, 'restored')).toBe(false);
    texts.changed(URI, 'restored and typed on', TYPED);
    expect(texts.isOwn(URI, 'restored and typed on')).toBe(false);
  });
});
