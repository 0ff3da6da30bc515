import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ScanReport } from '../../src/model/scan-report.ts';
import { htmlFormat } from '../../src/reports/formats/html.ts';
import { HOSTILE_TEXTS, renderText, withText } from '../../src/reports/report-format.contract.ts';
import { assessedReport } from '../assessed-report.ts';
import { largeReport } from '../large-report.ts';
import { SAMPLE_NOW } from '../sample-report.ts';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.CVESCAN_TEST_BROWSER ?? BROWSERS.find((path) => existsSync(path));

/** What a person may wait for on a slow machine that other tests share. */
const MAX_LOAD_MS = 5_000;

describe.skipIf(!executablePath)('the HTML report in a browser (CVESCAN_TEST_BROWSER names one)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cvescan-page-'));
  let browser: Browser;
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  /** Opens a report; errors, refusals of the policy, requests and dialogs are complaints. */
  async function open(report: ScanReport, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const file = join(folder, 'report.html');
    writeFileSync(file, await renderText(htmlFormat, report, { color: false, columns: undefined, now: SAMPLE_NOW }));
    const page = await (await browser.newContext({ viewport: { width: 1300, height: 900 }, ...options })).newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  const found = (page: Page) => page.locator('.found').textContent();
  const firstRow = (page: Page) => page.locator('.rows .row').first();

  test('shows 10,000 findings at once, and draws only those that are seen', async () => {
    const report = largeReport(10_000);
    const start = performance.now();
    const page = await open(report);
    await firstRow(page).waitFor();
    expect(performance.now() - start).toBeLessThan(MAX_LOAD_MS);
    expect(await found(page)).toBe('10,000 findings, the most urgent first');
    expect(await page.locator('.rows .row').count()).toBeLessThan(100);
  });

  test('search, severities and what is fixable narrow the list together', async () => {
    const page = await open(largeReport(2_000));
    await page.keyboard.press('/');
    await page.keyboard.type('openssl overflow');
    expect(await found(page)).toMatch(/^\d+ of 2,000 findings/);
    const first = Number.parseInt((await found(page))!, 10);
    await page.locator('.tile.medium').click();
    await page.locator('.tile.with-a-fix').click();
    const second = Number.parseInt((await found(page))!, 10);
    expect(second).toBeGreaterThan(0);
    expect(second).toBeLessThan(first);
    expect(new Set(await page.locator('.rows .severity').allTextContents())).toEqual(new Set(['medium']));
    await page.locator('.chip', { hasText: 'show all' }).click();
    expect(await found(page)).toBe('2,000 findings, the most urgent first');
  });

  test('headings sort, forwards, backwards and not', async () => {
    const page = await open(largeReport(500));
    const scores = async () => (await page.locator('.rows .row > :nth-child(5)').allTextContents()).map(Number);
    await page.locator('.header button', { hasText: 'CVSS' }).click();
    expect(await scores()).toEqual((await scores()).toSorted((a, b) => b - a));
    await page.locator('.header button', { hasText: 'CVSS' }).click();
    expect(await scores()).toEqual((await scores()).toSorted((a, b) => a - b));
    await page.locator('.header button', { hasText: 'CVSS' }).click();
    expect(await found(page)).toContain('the most urgent first');
  });

  test('keys go through the list, and open the proof', async () => {
    const page = await open(largeReport(1_000));
    await page.locator('.list').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'PageDown', 'ArrowUp', 'End']) await page.keyboard.press(key);
    const selected = page.locator('.row.selected');
    expect(await selected.getAttribute('aria-rowindex')).toBe('1001');
    expect(await page.locator('.list').getAttribute('aria-activedescendant')).toBe(await selected.getAttribute('id'));
    expect(await page.locator('.details').textContent()).toContain('Why it is listed');
    await page.keyboard.press('Escape');
    expect(await page.locator('.details').count()).toBe(0);
  });

  test('a bar of a chart shows its package', async () => {
    const page = await open(largeReport(1_000));
    await page.locator('figure button.bar').first().click();
    expect(await page.locator('.chip').first().textContent()).toMatch(/×$/);
    expect(await found(page)).toMatch(/of 1,000/);
  });

  test('what is cleared is there when it is asked for, with the reason', async () => {
    const page = await open(assessedReport());
    await page.locator('select').selectOption('closed');
    for (const row of await page.locator('.rows .row').all()) {
      await row.click();
      expect(await page.locator('.details dt').allTextContents()).toContain('reason');
    }
  });

  for (const text of HOSTILE_TEXTS) {
    test(`is not commanded by ${JSON.stringify(text).slice(0, 40)}`, async () => {
      const page = await open(withText(assessedReport(), text));
      await firstRow(page).click();
      expect(await page.locator('script:not([type]), img, iframe, b b').count()).toBe(1);
      expect(await page.locator('a:not([href^="http"])').count()).toBe(0);
    });
  }

  test('paper gets every row of the view, and the screen has none of them left', async () => {
    const page = await open(largeReport(300));
    await page.locator('.tile.critical').click();
    const count = Number.parseInt((await found(page))!, 10);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator('.paper tbody tr').count()).toBe(count);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await page.locator('.paper').count()).toBe(0);
  });

  test('is dark where it is wanted, and turns', async () => {
    const page = await open(assessedReport(), { colorScheme: 'dark' });
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await ground()).toBe('rgb(20, 23, 28)');
    await page.locator('.theme').click();
    expect(await ground()).toBe('rgb(246, 247, 249)');
  });

  test('says that nothing was found', async () => {
    const page = await open({ ...assessedReport(), findings: [], vulnerabilities: [] });
    expect(await page.locator('.nothing').textContent()).toBe('No known vulnerabilities in what could be assessed.');
    expect(await page.locator('.note', { hasText: 'Not assessed' }).count()).toBe(1);
  });

  test('says without a script what it would show', async () => {
    const page = await open(assessedReport(), { javaScriptEnabled: false });
    expect(await page.locator('noscript').textContent()).toContain('findings in');
  });
});

test.skipIf(executablePath)('no browser was found: install Chromium, or name one in CVESCAN_TEST_BROWSER', () => {});
