/**
 * Tests that open the page in a browser, and what they look at in it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import type { AccessRole } from "../../src/roles.ts";
import { launchBrowser, OpenPage, whyNoBrowser } from "./browser.ts";
import { PageStage } from "./stage.ts";

if (whyNoBrowser !== undefined) console.log(`The tests of the page in a browser are skipped: ${whyNoBrowser}`);

/** A narrow screen. */
export const narrow = { viewport: { width: 360, height: 740 } };

/** The site that is always there. */
export const firstSite = "Harvard University";

/** What a test has. */
export interface Opened {
  /** The page, open. */
  readonly page: Page;
  /** What serves it. */
  readonly stage: PageStage;
}

/** What a test begins with. */
export interface PageTest extends BrowserContextOptions {
  /** Sites that there are besides the first one. */
  readonly sites?: number;
  /** Whether the page has the launcher's token. */
  readonly token?: boolean;
  /** What anyone may do without a token; absent: report. */
  readonly anonymous?: AccessRole | "nothing";
  /** Whether the test changes its browser page for all that it opens later, such as its clock. */
  readonly alone?: boolean;
}

// A browser takes longer to start than most tests take, and a page of its own takes longer than to open one in a page
// that is there. Each test has a gateway at another port, so the pages of two tests share nothing that they store.
let browser: Promise<Browser> | undefined;
const emptyPages = new Map<string, OpenPage>();
Deno.test.afterAll(async () => await (await browser)?.close());

/** A test that opens the page; nothing may go wrong in it. */
export function pageTest(name: string, options: PageTest, run: (opened: Opened) => Promise<void>): void {
  Deno.test({
    name: `${name} (needs chromium)`,
    ignore: whyNoBrowser !== undefined,
    // The browser's own processes and pipes are ended by its driver, a little later.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const { sites = 0, token = false, alone = false, anonymous, ...context } = options;
      await using stage = new PageStage(undefined, anonymous);
      await stage.addSites(sites);
      browser ??= launchBrowser();
      const kind = JSON.stringify(context);
      const opened = emptyPages.get(kind) ?? await OpenPage.in(await browser, context);
      emptyPages.delete(kind);
      await using ending = new AsyncDisposableStack();
      ending.use(opened);
      await opened.page.goto(token ? stage.urlWithToken : stage.url);
      await run({ page: opened.page, stage });
      assertEquals(opened.errors, []);
      if (alone) return;
      await opened.empty();
      ending.move();
      emptyPages.set(kind, opened);
    },
  });
}

/** The row of a site. */
export function row(page: Page, name: string): Locator {
  return page.locator(".row").filter({ hasText: name });
}

/** Opens the dialog that reports from a file, and chooses one. */
export async function chooseCsv(page: Page, csv: string): Promise<void> {
  await page.getByRole("button", { name: "Upload CSV" }).click();
  const file = { name: "sites.csv", mimeType: "text/csv", buffer: Buffer.from(csv) };
  await page.getByLabel("CSV file").setInputFiles(file);
}

/** Waits until this has the focus. */
export function focused(locator: Locator): Promise<void> {
  return locator.and(locator.page().locator(":focus")).waitFor();
}

/** Where something stands in a part of the page, in pixels, whatever the page shows above that part meanwhile. */
export async function placeIn(part: Locator, it: Locator): Promise<{ x: number; y: number; height: number }> {
  const whole = await part.elementHandle();
  // Both at one moment: all of it may move between two.
  return await it.evaluate((it, part) => {
    const [whole, box] = [part!, it].map((element) => element.getBoundingClientRect());
    return { x: box.x - whole.x, y: box.y - whole.y, height: box.height };
  }, whole);
}

/**
 * From now on, the page never learns that a silent cluster answers again. On a slow machine that happens at any moment,
 * and the page loads its list again: this is for tests that count what is loaded.
 */
export async function keepSilence(page: Page): Promise<void> {
  await page.route(/\/api\/status/, () => {});
}

/** What the first site shows, as the cluster says. */
export async function shown({ client }: PageStage): Promise<unknown> {
  const outcome = await client.view(firstSite);
  return outcome.kind === "site" ? outcome.site.availability : outcome.kind;
}
