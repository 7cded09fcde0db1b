import * as vscode from 'vscode';
import { untilShown } from './untilShown.ts';

/** Milliseconds in which nobody sees a list and clicks beside it; a page gets the focus some ten after a list did. */
const GLANCE_MS = 300;
/** Answers of the window in which nobody does, however busy it is: it takes in what the user does between them. */
const GLANCE_ANSWERS = 5;
/** How often a list opens again: the palette gives the focus back once, and a page that is just being drawn takes it too. */
const MOST = 3;

/** The newest last: VS Code shows one of them. */
let openLists: readonly OpenList[] = [];

/** Escape was pressed while a list was new. */
export function leaveList(): void {
  openLists.at(-1)?.leave();
}

/**
 * A list that is being opened, until it is disposed of. When the palette closes in front of a page, VS Code gives the focus back to
 * the page, and that some time later: a list that was opened meanwhile loses the focus, and closes. VS Code tells an extension that
 * a list was closed, and not by what; so Escape is a key of ours while that may happen (`sluice.leaveList`).
 */
export class OpenList implements vscode.Disposable {
  readonly #close: () => void;
  #left = MOST;
  #isLeft = false;
  #isNew = true;
  /** Counts how often it was opened: what was seen of it before says nothing of it now. */
  #openings = 0;

  /** To be made before the list is shown. @param close closes the list, since the user left it */
  constructor(close: () => void) {
    this.#close = close;
    openLists = [...openLists, this];
    tellWhetherNew();
    void this.#watch();
  }

  /** Nobody can have seen it yet. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** The list has closed and nothing was picked. @returns whether a page did that, and the list is to be opened again at once */
  isClosedByPage(): boolean {
    if (this.#isLeft || this.#left === 0 || !this.#isNew || !isPageInView()) return false;
    this.#left--;
    void this.#watch();
    return true;
  }

  leave(): void {
    this.#isLeft = true;
    this.#close();
  }

  dispose(): void {
    openLists = openLists.filter((list) => list !== this);
    tellWhetherNew();
  }

  async #watch(): Promise<void> {
    const opening = ++this.#openings;
    await untilShown();
    const shownAt = performance.now();
    for (let answers = 1; answers < GLANCE_ANSWERS; answers++) await untilShown();
    setTimeout(
      () => {
        if (opening !== this.#openings) return;
        this.#isNew = false;
        tellWhetherNew();
      },
      GLANCE_MS - (performance.now() - shownAt),
    );
  }
}

function tellWhetherNew(): void {
  const isNew = openLists.some((list) => list.isNew);
  void vscode.commands.executeCommand('setContext', 'sluice.isListNew', isNew);
}

/** In any group: which one is active VS Code says later than it gives the focus. */
function isPageInView(): boolean {
  return vscode.window.tabGroups.all.some(
    ({ activeTab }) => activeTab?.input instanceof vscode.TabInputWebview,
  );
}
