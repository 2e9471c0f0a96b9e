/** Which element has the focus, and which one the keys act on. */

import { assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { firstSite, focused, narrow, pageTest, row } from "./opened.ts";

function rowAt(page: Page, at: number): Locator {
  return page.locator(`.row[data-at="${at}"]`);
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
    await scroll(8_000, 180);
    await page.keyboard.type("4");
    assertEquals(await page.locator(".edit .value").inputValue(), "1234");
    await page.keyboard.press("Escape");
    await focused(rowAt(page, 2).getByRole("link"));
    await scroll(8_000, 180);
    await page.keyboard.press("ArrowDown");
    await focused(rowAt(page, 3).getByRole("link"));
  },
);

for (const options of [{}, narrow]) {
  const where = options === narrow ? "a narrow screen" : "a wide screen";

  pageTest(`on ${where} the focus stays with what one does to a site`, options, async ({ page }) => {
    const name = "Rite Aid, Millville";
    const button = (name: string) => page.getByRole("button", { name, exact: true });
    await button("Add a site").click();
    await button("Cancel").press("Enter");
    await focused(button("Add a site"));
    await button("Add a site").press("Enter");
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("ZIP code", { exact: true }).fill("08332");
    await page.keyboard.press("Enter");
    await focused(page.getByRole("heading", { name }));
    await button("Retire").press("Enter");
    await button("Cancel").press("Enter");
    await focused(button("Retire"));
    await button("Retire").press("Enter");
    await page.getByLabel("Reason").fill("closed");
    await page.keyboard.press("Enter");
    await focused(button("Reopen"));
    await page.keyboard.press("Enter");
    await focused(button("Report availability"));
    await page.keyboard.press("Enter");
    await page.keyboard.type("12");
    await page.keyboard.press("Enter");
    await page.locator(".big").getByText("12").waitFor();
    await focused(button("Report availability"));
  });
}

pageTest("where a site hides the list, the focus goes to it, and back", { ...narrow, sites: 20 }, async ({ page }) => {
  const link = rowAt(page, 5).getByRole("link");
  const name = await link.textContent();
  await link.press("Enter");
  await focused(page.getByRole("heading", { name: name! }));
  await page.getByRole("link", { name: "All sites" }).press("Enter");
  await focused(link);
});

pageTest("where both are seen, the focus stays in the list", { sites: 20 }, async ({ page }) => {
  const link = rowAt(page, 5).getByRole("link");
  await link.press("Enter");
  await page.getByRole("heading", { name: (await link.textContent())! }).waitFor();
  await page.keyboard.press("ArrowDown");
  await focused(rowAt(page, 6).getByRole("link"));
});

pageTest("the keys of a lesson work from where one clicked", {}, async ({ page }) => {
  await page.getByRole("link", { name: "How it works" }).click();
  await page.getByLabel("Pace").selectOption("15");
  await page.getByRole("button", { name: "One command" }).click();
  await focused(page.locator(".play"));
  await page.getByText("Nothing is under way: it is your turn.").waitFor();
  await focused(page.locator(".play"));
  await page.locator(".play").getByText("Play").waitFor();
  const where = page.locator(".where");
  const last = Number(/of (\d+)/.exec((await where.textContent())!)![1]);
  await page.keyboard.press("ArrowLeft");
  await page.getByText(`${last - 1} of ${last}`, { exact: true }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByText(`${last} of ${last}`, { exact: true }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.getByText(`${last - 1} of ${last}`, { exact: true }).waitFor();
  await page.keyboard.press("Space");
  await page.getByText("Nothing is under way: it is your turn.").waitFor();
  assertEquals(await where.textContent(), `${last} of ${last}`);
});

pageTest("the focus of a lesson goes to Play when its button is gone", {}, async ({ page }) => {
  await page.getByRole("link", { name: "How it works" }).click();
  await page.getByRole("button", { name: "Crash r1" }).press("Enter");
  await focused(page.locator(".play"));
});

pageTest("the space key opens the messages of a lesson, and does not play", {}, async ({ page }) => {
  await page.getByRole("link", { name: "How it works" }).click();
  await page.locator("summary").press("Space");
  await page.locator("details[open]").waitFor();
  assertEquals(await page.locator(".play").textContent(), "Play");
});
