/**
 * Headless Chromium, as Debian has it, for the tests of the page.
 *
 * @module
 */

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** Whether there is a browser, and it may be used. */
export const hasBrowser: boolean = Deno.permissions.querySync({ name: "run" }).state === "granted" &&
  Deno.permissions.querySync({ name: "read" }).state === "granted" && isFile(executablePath);

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What goes wrong in a page that a test looks at: an error, or something that its policy forbids. */
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
