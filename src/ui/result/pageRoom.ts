/** Characters of one text or value. The whole of it is one click away, in an editor. */
const MOST_OF_ONE = 20_000;
/** Characters of one that still says something, where there is hardly any room. */
const LEAST = 200;

/** What a page still has room for: what a server sends may be as large as a message, and a page may not. */
export class PageRoom {
  #characters = 200_000;
  /** Characters of pictures and sounds, as Base64. */
  #media = 16_000_000;
  #links = 1_000;

  /** Characters for one text; 0 where the page is full. */
  get forText(): number {
    const left = Math.min(MOST_OF_ONE, this.#characters);
    return left < LEAST ? 0 : left;
  }

  take(characters: number): void {
    this.#characters -= characters;
  }

  /** Whether a web address may become a link. */
  takeLink(): boolean {
    return this.#links-- > 0;
  }

  /** Whether a picture or a sound fits; it is taken then. */
  takeMedia(characters: number): boolean {
    if (characters > this.#media) return false;
    this.#media -= characters;
    return true;
  }
}
