/**
 * Headless Chromium, as Debian has it, for the tests of the page.
 *
 * @module
 */

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** Why the tests of the page cannot be run; undefined: they can. */
export const whyNoBrowser: string | undefined = reason();

function reason(): string | undefined {
  // The browser's driver reads files of the system for which nothing less than all is asked.
  const needed = ["env", "ffi", "net", "read", "run", "sys", "write"] as const;
  const isAllowed = needed.every((name) => Deno.permissions.querySync({ name }).state === "granted");
  if (!isAllowed) return "they need --allow-all: deno task test:page";
  return isFile(executablePath) ? undefined : `there is no "${executablePath}": install the package chromium`;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A page that a test looks at, and what goes wrong in it: an error, or something that its policy forbids. */
export class OpenPage implements AsyncDisposable {
  /** Errors that the page has met. */
  readonly errors: string[] = [];
  /** The page. */
  readonly page: Page;
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      // What the gateway refuses is said by the page itself.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.errors.push(message.text());
      }
    });
  }

  /** Opens a page in a browser of its own. */
  static async at(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    // It looks at the environment as soon as it is loaded.
    const { chromium } = await import("playwright-core");
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const opened = new OpenPage(browser, await context.newPage());
    opened.page.setDefaultTimeout(10_000);
    await opened.page.goto(url);
    return opened;
  }

  /** Ends the browser. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
