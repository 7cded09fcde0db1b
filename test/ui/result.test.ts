import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { encodePng } from '../../src/demo/png.ts';
import { startRawServer } from '../integration/core/rawServer.ts';
import { openWorkbench } from './workbench.ts';

const PNG = encodePng(96, (x, y) => [x * 2, y * 2, 160]).toString('base64');
const PDF = Buffer.from('%PDF-1.7 and so on'.repeat(2_000)).toString('base64');

/** A result with a bit of everything: what is drawn, what cannot be, numbers that JavaScript rounds, and a block that is none. */
const RESULT = `{"content":[
  {"type":"text","text":"Order found.\\nSee https://example.com/orders/42."},
  {"type":"image","mimeType":"image/png","data":"${PNG}"},
  null,
  {"type":"resource","resource":{"uri":"orders:/42/invoice.pdf","mimeType":"application/pdf","blob":"${PDF}"}},
  {"type":"resource_link","uri":"https://example.com/a","name":"report\\u202egnp.exe"}
],"structuredContent":{"id":9007199254740993,"price":10.0,"10":"kept","9":"in order","open":true,"gone":null,"picture":"${PNG}"}}`;

const THEMES = ['dark', 'light', 'high-contrast'] as const;

test('a result is shown as it was sent, and a file in it is saved', async () => {
  await using server = await startRawServer(({ message, response }) => {
    if (message.method !== 'tools/call') return false;
    response.setHeader('Content-Type', 'application/json');
    response.end(`{"jsonrpc":"2.0","id":${message.id},"result":${RESULT}}`);
    return true;
  });
  await using workbench = await openWorkbench({
    userSettings: { 'sluice.servers': { orders: { url: server.url } } },
  });
  await workbench.statusBar.waitFor();
  await workbench.runCommand('Sluice: Call Tool');
  await workbench.pickTool('t');
  const page = workbench.webview.locator('body');
  await page.locator('img').waitFor();
  const text = await page.innerText();
  expect(text).toMatch(/"id": 9007199254740993,\s+"price": 10\.0,\s+"10": "kept",\s+"9": "in order"/);
  expect(text).toContain('Content block 3 has no "type", and is shown as it came: null.');
  expect(text).toContain('report‹U+202E›gnp.exe');
  expect(text).not.toContain(PNG.slice(0, 60));
  await workbench.pictures('result-top', THEMES);
  await page.locator('pre.json').last().scrollIntoViewIfNeeded();
  await workbench.pictures('result-bottom', THEMES);

  await page.locator('section.resource').getByText('Save…').click();
  const box = await workbench.question('Save');
  await expect.poll(() => box.inputValue()).toContain('invoice.pdf');
  await box.press('Enter');
  const file = path.join(workbench.folder, 'invoice.pdf');
  await expect.poll(() => readFile(file, 'base64').catch(() => ''), { timeout: 10_000 }).toBe(PDF);
});
