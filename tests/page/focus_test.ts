/** What has the focus, and what the keys act on. */

import { assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { firstSite, pageTest, row } from "./opened.ts";

function rowAt(page: Page, at: number): Locator {
  return page.locator(`.row[data-at="${at}"]`);
}

/** Waits until this has the focus. */
function focused(locator: Locator): Promise<void> {
  return locator.and(locator.page().locator(":focus")).waitFor();
}

pageTest("a key edits the row that was clicked", { sites: 20 }, async ({ page }) => {
  const link = rowAt(page, 5).getByRole("link");
  const name = await link.textContent();
  await link.click();
  await page.getByRole("heading", { name: name!, exact: true }).waitFor();
  await page.goBack();
  await page.keyboard.press("e");
  await focused(page.getByLabel(`Availability of ${name}`, { exact: true }));
});

pageTest("a key edits the row that has the focus, whatever came above it", { sites: 5 }, async ({ page, stage }) => {
  await row(page, firstSite).getByRole("link").focus();
  await stage.client.add("A new one", "02138");
  await row(page, "A new one").waitFor();
  await page.keyboard.press("e");
  await focused(page.getByLabel(`Availability of ${firstSite}`));
});

pageTest(
  "a row that is scrolled out of sight keeps the focus, and what was typed",
  { sites: 300 },
  async ({ page }) => {
    const scroll = async (top: number, seen: number) => {
      await page.evaluate(`document.querySelector(".rows").scrollTop = ${top}`);
      await rowAt(page, seen).waitFor();
    };
    await rowAt(page, 2).getByRole("link").focus();
    await page.keyboard.press("e");
    await page.keyboard.type("123");
    await scroll(8_000, 185);
    await page.keyboard.type("4");
    assertEquals(await page.locator(".edit input").inputValue(), "1234");
    await page.keyboard.press("Escape");
    await focused(rowAt(page, 2).getByRole("link"));
    await scroll(8_000, 185);
    await page.keyboard.press("ArrowDown");
    await focused(rowAt(page, 3).getByRole("link"));
  },
);
