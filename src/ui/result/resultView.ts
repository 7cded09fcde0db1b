import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { ShownCall } from '../history/shownCall.ts';
import { Page } from '../pages/page.ts';
import type { ReadonlyDocuments } from '../pages/readonlyDocuments.ts';
import { fileName, line } from '../surfaces/line.ts';
import { window } from '../surfaces/window.ts';
import { formatBytes } from './contentHtml.ts';
import { decodeBase64, encodeUtf8 } from './fileBytes.ts';
import { mediaName, mediaOf } from './media.ts';
import { PAGE_COMMANDS, resultHtml } from './resultHtml.ts';
import type { ResultPart } from './resultJson.ts';
import { hasPart, type PartText, partText, resultText, wholeText } from './resultText.ts';

/** Characters that an editor takes: of a longer document VS Code tells extensions nothing, and refuses to open it for them. */
const MOST_IN_EDITOR = 50 * 1024 * 1024;
/** Characters that are copied. */
const MOST_COPIED = 16_000_000;

/** The page beside the editor that shows how the last call ended. */
export class ResultView implements vscode.Disposable {
  readonly #documents: ReadonlyDocuments;
  readonly #page = new Page<ShownCall>({
    viewType: 'sluice.result',
    commands: PAGE_COMMANDS,
    viewColumn: () =>
      vscode.window.tabGroups.activeTabGroup.activeTab === undefined
        ? vscode.ViewColumn.Active
        : vscode.ViewColumn.Beside,
    title: ({ tool, shownServer }) => line`${tool} – ${shownServer}`,
    html: resultHtml,
  });

  constructor(documents: ReadonlyDocuments) {
    this.#documents = documents;
  }

  /** The call that is shown. */
  get shown(): ShownCall | undefined {
    return this.#page.shown;
  }

  show(record: ShownCall): void {
    this.#page.show(record);
  }

  /** Shows the end of a drain, unless another call is shown by now. */
  update({ server, id, time, end }: ShownCall): void {
    const { shown } = this;
    if (shown?.server !== server || shown.id !== id || shown.time !== time) return;
    this.#page.update(shown, { ...shown, end });
  }

  async copy(): Promise<void> {
    const record = this.shown;
    if (record === undefined) return;
    const text = resultText(record);
    if (text.length > MOST_COPIED)
      return this.#offerSave({ text, extension: 'txt' }, `${record.tool} result`, 'copy');
    await vscode.env.clipboard.writeText(text);
    window.setStatusBarMessage(line`Sluice: result copied`, 2000);
  }

  async openAsJson(): Promise<void> {
    if (this.shown !== undefined) await this.#openText(this.shown, wholeText(this.shown), 'result');
  }

  /** Opens one content block, the structured content, or all of it. Without effect where the shown call has no such part. */
  async openPart(part: unknown): Promise<void> {
    const record = this.shown;
    if (record === undefined || !hasPart(record, part)) return;
    const text = partText(record, part);
    if (text !== undefined) await this.#openText(record, text, partName(part));
  }

  /**
   * Saves the picture, the sound or the file that a content block holds.
   * @param target where the user has said so already
   * @returns where it was saved; undefined where it was not
   */
  async savePart(part: unknown, target?: vscode.Uri): Promise<vscode.Uri | undefined> {
    const record = this.shown;
    if (record?.end.kind !== 'result' || !Number.isInteger(part)) return undefined;
    const media = mediaOf(record.end.result.content[part as number]);
    if (media === undefined) return undefined;
    const { name, extension } = mediaName(media, record.tool, part as number);
    return save(name, extension, () => decodeBase64(media.data), target);
  }

  dispose(): void {
    this.#page.dispose();
  }

  async #openText({ shownServer, tool }: ShownCall, opened: PartText, name: string): Promise<void> {
    if (opened.text.length > MOST_IN_EDITOR)
      return this.#offerSave(opened, `${tool} ${name}`, 'open in an editor');
    await this.#documents.show(
      `/${fileName(shownServer, '')}/${fileName(`${tool} ${name}`, `.${opened.extension}`)}`,
      opened.text,
    );
  }

  async #offerSave({ text, extension }: PartText, name: string, what: string): Promise<void> {
    const message = line`The text has ${formatBytes(text.length)}, which is too large to ${what}.`;
    const chosen = await window.showInformationMessage(message, line`Save…`);
    if (chosen !== undefined) await save(name, extension, () => encodeUtf8(text));
  }
}

function partName(part: ResultPart): string {
  if (part === 'whole') return 'result';
  return part === 'structured' ? 'structured content' : `part ${part + 1}`;
}

/** Asks where to, writes, and says that it is done. */
async function save(
  name: string,
  extension: string,
  bytes: () => Promise<Uint8Array>,
  given?: vscode.Uri,
): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const defaultUri = vscode.Uri.joinPath(folder, fileName(name, `.${extension}`));
  const target = given ?? (await vscode.window.showSaveDialog({ defaultUri, title: 'Save' }));
  if (target === undefined) return undefined;
  await vscode.workspace.fs.writeFile(target, await bytes());
  window.setStatusBarMessage(line`Sluice: saved ${target.path}`, 4000);
  return target;
}
