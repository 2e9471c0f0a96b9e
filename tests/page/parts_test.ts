/**
 * All parts of the page in a browser: by keyboard, on each screen, in each colour.
 */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { firstSite, narrow, pageTest, row, shown } from "./opened.ts";
import { poorContrast } from "./contrast.ts";

function card(page: Page, name: string) {
  return page.getByRole("article", { name });
}

pageTest("all can be done by keyboard alone", { sites: 20, token: true }, async ({ page, stage }) => {
  await row(page, firstSite).waitFor();
  const { keyboard } = page;
  await keyboard.press("/");
  await keyboard.type("harv");
  await page.getByText("1 found", { exact: true }).waitFor();
  // Over ZIP, a place with its distance, the feed, more filters, two filters, two buttons and the link between them to
  // the list.
  for (let count = 0; count < 11; count++) await keyboard.press("Tab");
  assertEquals(await page.evaluate("document.activeElement.textContent"), firstSite);
  await keyboard.press("e");
  await page.getByLabel(`Availability of ${firstSite}`).waitFor();
  await page.locator(".edit .value:focus").waitFor();
  await keyboard.type("5");
  await keyboard.press("Enter");
  await row(page, firstSite).getByRole("button", { name: "5, edit" }).waitFor();
  assertEquals(await shown(stage), 5);
  await page.locator(".row a:focus").waitFor();
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: firstSite }).waitFor();
  await page.evaluate('location.hash = "#/lesson"');
  await card(page, "Client c1").waitFor();
  await page.evaluate("document.activeElement.blur()");
  await card(page, "Client c1").getByRole("button", { name: "Submit" }).press("Enter");
  await page.getByText("You ask c1 to set the register to 40.").waitFor();
  await page.evaluate("document.activeElement.blur()");
  await keyboard.press("ArrowRight");
  await page.getByText("2 of 2").waitFor();
  await keyboard.press("ArrowLeft");
  await page.getByText("1 of 2").waitFor();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [{ width: 1280, height: 800 }, narrow.viewport]) {
    const options = { sites: 50, token: true, colorScheme, viewport };
    pageTest(`every part fits ${viewport.width} px and can be read, ${colorScheme}`, options, async ({ page }) => {
      const ready = [
        ["#/sites", ".row"],
        ["#/sites/Harvard%20University", ".history"],
        ["#/cluster", "article"],
        ["#/lesson", ".card"],
      ];
      for (const [hash, selector] of ready) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
        await page.locator(selector).first().waitFor();
        assertEquals(await page.evaluate("document.documentElement.scrollWidth"), viewport.width, hash);
        assertEquals(await page.evaluate(poorContrast), [], hash);
      }
    });
  }
}

pageTest("the bar fits 360 px also while the page is reconnecting", narrow, async ({ page }) => {
  await page.route("**/api/events", (route) => route.abort());
  await page.reload();
  await page.getByText("Reconnecting").waitFor();
  assertEquals(await page.evaluate("document.documentElement.scrollWidth"), narrow.viewport.width);
});
