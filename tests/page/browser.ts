/**
 * Headless Chromium, as Debian has it, for the tests of the page.
 *
 * @module
 */

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** Milliseconds after which what has not happened in a browser never will: far more than a loaded machine needs. */
const patienceMs = 120_000;

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

/** Starts a browser. */
export async function launchBrowser(): Promise<Browser> {
  // It looks at the environment as soon as it is loaded.
  const { chromium } = await import("playwright-core");
  return await chromium.launch({ executablePath, timeout: patienceMs, args: ["--no-sandbox", "--disable-gpu"] });
}

/** A page that a test looks at, and what goes wrong in it: an error, or something that its policy forbids. */
export class OpenPage implements AsyncDisposable {
  /** Errors that the page has met. */
  readonly errors: string[] = [];
  /** The page. */
  readonly page: Page;
  readonly #end: () => Promise<void>;

  private constructor(page: Page, end: () => Promise<void>) {
    this.#end = end;
    this.page = page;
    this.#listen();
  }

  #listen(): void {
    this.page.on("pageerror", (error) => this.errors.push(String(error)));
    this.page.on("console", (message) => {
      // What the gateway refuses is said by the page itself.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.errors.push(message.text());
      }
    });
  }

  /** Opens a page in a browser of its own. */
  static async at(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const browser = await launchBrowser();
    const opened = await OpenPage.#open(browser, options, () => browser.close());
    await opened.page.goto(url);
    return opened;
  }

  /** Opens an empty page in a browser that others use too; it has nothing of theirs. */
  static async in(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
    return await OpenPage.#open(browser, options);
  }

  static async #open(
    browser: Browser,
    options: BrowserContextOptions,
    end?: () => Promise<void>,
  ): Promise<OpenPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(patienceMs);
    return new OpenPage(await context.newPage(), end ?? (() => context.close()));
  }

  /** Empties it: nothing waits for requests of what comes next, or takes them, and the pointer is in a corner. */
  async empty(): Promise<void> {
    await this.page.unrouteAll({ behavior: "ignoreErrors" });
    await this.page.goto("about:blank");
    await this.page.mouse.move(0, 0);
    this.page.removeAllListeners();
    this.errors.length = 0;
    this.#listen();
  }

  /** Ends the browser that it has of its own, or else what it had in one. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}
