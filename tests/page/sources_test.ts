/** What each source says of each product, on the page: seen, reported, confirmed, and found. */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { firstSite, narrow, pageTest, row, shown } from "./opened.ts";
import type { PageStage } from "./stage.ts";

const hour = 3_600_000;
const path = `#/sites/${encodeURIComponent(firstSite)}`;

/** A visitor's report, and a store's of two products. */
async function reportAll({ client }: PageStage): Promise<void> {
  const now = Date.now();
  await client.set(firstSite, true, { source: "visitor", observedAt: now - 50 * hour });
  const store = { unit: "doses", source: "store", observedAt: now - 2 * hour } as const;
  await client.set(firstSite, 30, { ...store, product: "208" });
  await client.set(firstSite, 12, { ...store, product: "Novavax 2026" });
}

async function open(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

async function newest({ client }: PageStage) {
  return (await Array.fromAsync(client.history(firstSite, { newestFirst: true, limit: 1 }))).flat()[0];
}

for (const [screen, options] of [["a wide", {}], ["a narrow", narrow]] as const) {
  pageTest(`on ${screen} screen a site has a row for each source and product, and its age`, options, async (opened) => {
    const { page, stage } = opened;
    await reportAll(stage);
    await open(page, path);
    const rows = page.locator(".sources tbody tr");
    await rows.nth(2).waitFor();
    const texts = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
    assertEquals(texts.map((text) => /^(visitor|store) (True|30 doses|12 doses)/.exec(text)?.[0]), [
      "visitor True",
      "store 30 doses",
      "store 12 doses",
    ]);
    await rows.nth(0).getByText("2 d ago, stale").waitFor();
    await rows.nth(1).getByText("208: Pfizer COVID-19, 30 mcg").waitFor();
    await page.locator(".shown .big").getByText("42").waitFor();
    assertEquals(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
  });
}

pageTest("what a source says is confirmed by one button, and the site is as fresh as that", {}, async (opened) => {
  const { page, stage } = opened;
  await reportAll(stage);
  await open(page, path);
  await page.getByRole("button", { name: "Still so: 30 doses, 208, store" }).click();
  await page.getByText(`${firstSite}: 30 is still so`).waitFor();
  const entry = await newest(stage);
  assertEquals([entry.kind, entry.source, "product" in entry && entry.product], ["confirmed", "store", "208"]);
  await page.locator(".sources").getByText("so for 2 h").waitFor();
  await page.locator(".history").getByText("Still so", { exact: true }).last().waitFor();
  assertEquals(await shown(stage), 42);
});

pageTest("a site with one source has one button for that, beside the one that reports", {}, async (opened) => {
  const { page, stage } = opened;
  await stage.client.set(firstSite, 7, { observedAt: Date.now() - 30 * hour });
  await open(page, path);
  await page.getByText("stale", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Still so: 7" }).click();
  await page.locator(".shown dt").getByText("Still so").waitFor();
  assertEquals((await newest(stage)).kind, "confirmed");
  assertEquals(await page.locator(".sources").count(), 0);
  // The row goes by what was confirmed, too.
  await row(page, firstSite).locator(".age").getByText(/^now|s ago/).waitFor();
});

pageTest(
  "a report names a product, and an undo takes it back",
  {},
  async (opened) => {
    const { page, stage } = opened;
    await reportAll(stage);
    await open(page, path);
    await page.locator(".sources").waitFor();
    await page.getByRole("button", { name: "Report availability" }).click();
    await page.getByLabel(`Availability of ${firstSite}`, { exact: true }).fill("5");
    await page.locator(".edit").getByLabel("Product").fill("313");
    await page.keyboard.press("Enter");
    await page.getByText(`${firstSite}: 5 doses of 313`).waitFor();
    const report = await newest(stage);
    assertEquals([report.kind, "product" in report && report.product], ["report", "313"]);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText(/: undone/).waitFor();
    const undo = await newest(stage);
    assertEquals([undo.kind, undo.kind === "retracted" && undo.of], ["retracted", report.index]);
  },
);

pageTest(
  "the list is of a product, of a source and of an age, and the address keeps that",
  { sites: 5 },
  async (opened) => {
    const { page, stage } = opened;
    await reportAll(stage);
    await page.getByText("Product, source, age").click();
    await page.locator(".more").getByLabel("Product").fill("208");
    await page.getByText("1 found", { exact: true }).waitFor();
    await row(page, firstSite).getByRole("button", { name: `${firstSite}: 30 doses, edit` }).waitFor();
    assertEquals(await page.evaluate("location.hash"), "#/sites?product=208");
    await page.locator(".more").getByLabel("Product").fill("");
    await page.locator(".more").getByLabel("Source").fill("visitor");
    await row(page, firstSite).getByRole("button", { name: `${firstSite}: True, stale, edit` }).waitFor();
    await page.locator(".more").getByLabel("Age").selectOption("fresh");
    await page.getByText("0 found", { exact: true }).waitFor();
    // A change brings it in.
    await stage.client.set(firstSite, false, { source: "visitor" });
    await row(page, firstSite).getByRole("button", { name: `${firstSite}: False, edit` }).waitFor();
    assertEquals(await page.evaluate("location.hash"), "#/sites?source=visitor&fresh=24h");
  },
);

pageTest("a row follows reports of products, which it cannot tell from their entries alone", {}, async (opened) => {
  const { page, stage } = opened;
  await row(page, firstSite).waitFor();
  await reportAll(stage);
  await row(page, firstSite).getByRole("button", { name: `${firstSite}: 42 doses, edit` }).waitFor();
});
