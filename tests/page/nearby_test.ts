/** The list by distance, the filter in the address, and the feed of what is listed. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { firstSite, narrow, type Opened, pageTest, row } from "./opened.ts";

async function addSites({ stage: { client } }: Opened): Promise<void> {
  await client.add("Fenway", "02215");
  await client.add("A clinic in Manhattan", "10001");
  await client.set("Fenway", 5);
}

/** The names of the rows, with their distances. */
async function rows(page: Page): Promise<(string | null)[][]> {
  const found = await page.locator(".row").all();
  const texts = await Promise.all(
    found.map((row) => Promise.all([row.locator(".name").textContent(), row.locator(".miles").textContent()])),
  );
  return texts;
}

function hashOf(page: Page): string {
  return new URL(page.url()).hash;
}

for (const options of [{ viewport: undefined }, { viewport: { width: 390, height: 844 } }, narrow]) {
  const width = options.viewport?.width ?? "a usual number of";
  pageTest(`sites near a ZIP code come by distance, at ${width} pixels`, options, async (opened) => {
    const { page, stage } = opened;
    await addSites(opened);
    await page.getByLabel("Near ZIP").fill("02138");
    await page.getByText("2 found", { exact: true }).waitFor();
    assertEquals(await rows(page), [[firstSite, "0 mi"], ["Fenway", "2.4 mi"]]);
    await page.getByLabel("within").selectOption("1mi");
    await page.getByText("1 found", { exact: true }).waitFor();
    assertEquals(hashOf(page), "#/sites?near=02138&within=1mi");
    await page.getByLabel("within").selectOption("100mi");
    await page.getByText("2 found", { exact: true }).waitFor();
    // A change keeps the place and the distance, and a new site comes by itself.
    await stage.client.set("Fenway", 41);
    await row(page, "Fenway").getByRole("button", { name: "41, edit" }).waitFor();
    await stage.client.add("Central Square", "02139");
    await page.getByText("3 found", { exact: true }).waitFor();
    const names = (await rows(page)).map(([name]) => name);
    assertEquals(names, [firstSite, "Central Square", "Fenway"]);
    assertEquals(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
  });
}

pageTest("the keys move in a list by distance", {}, async (opened) => {
  const { page } = opened;
  await addSites(opened);
  await page.getByLabel("Near ZIP").fill("02215");
  await page.getByText("2 found", { exact: true }).waitFor();
  await page.getByRole("searchbox").press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: firstSite, exact: true }).waitFor();
  assertEquals(hashOf(page), "#/sites/Harvard%20University?near=02215&within=10mi");
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: firstSite, exact: true }).waitFor({ state: "detached" });
  assertEquals(await page.getByLabel("Near ZIP").inputValue(), "02215");
});

pageTest("a ZIP code that nobody can place says so", {}, async ({ page }) => {
  await page.getByLabel("Near ZIP").fill("00001");
  await page.getByText('Nobody knows where the ZIP code "00001" is').waitFor();
  await page.getByLabel("Near ZIP").fill("");
  await row(page, firstSite).waitFor();
});

pageTest("an address has the filter, and an address with another one brings it", {}, async (opened) => {
  const { page } = opened;
  await addSites(opened);
  await page.getByLabel("ZIP code begins with").fill("022");
  await page.getByText("1 found", { exact: true }).waitFor();
  assertEquals(hashOf(page), "#/sites?zip=022");
  await row(page, "Fenway").getByRole("link").click();
  await page.getByRole("heading", { name: "Fenway", exact: true }).waitFor();
  assertEquals(hashOf(page), "#/sites/Fenway?zip=022");
  await page.evaluate('location.hash = "#/sites?q=clinic&zip=1"');
  await row(page, "A clinic in Manhattan").waitFor();
  assertEquals(await page.getByRole("searchbox").inputValue(), "clinic");
  assertEquals(await page.getByLabel("ZIP code begins with").inputValue(), "1");
  await page.reload();
  await page.getByText("1 found", { exact: true }).waitFor();
  assertEquals(await page.getByRole("searchbox").inputValue(), "clinic");
});

pageTest("the feed is of what is listed, and the browser knows where it is", {}, async (opened) => {
  const { page } = opened;
  await addSites(opened);
  const feed = page.getByRole("link", { name: "Feed" });
  assertEquals(await feed.getAttribute("href"), "./feed.atom");
  await page.getByLabel("ZIP code begins with").fill("022");
  await page.getByLabel("available only").check();
  await page.getByText("1 found", { exact: true }).waitFor();
  const href = await feed.getAttribute("href");
  assertEquals(href, "./feed.atom?zip=022&available=true");
  const wanted = await page.locator('link[rel="alternate"]').getAttribute("href");
  assertEquals(wanted, href);
  const texts = await page.evaluate(`fetch(${JSON.stringify(href)}).then((response) => response.text()).then((text) => {
    const feed = new DOMParser().parseFromString(text, "application/xml");
    return [feed.querySelector("parsererror")?.textContent ?? "", feed.querySelector("entry > title").textContent];
  })`);
  assertEquals(texts, ["", "Fenway: 5 (was never reported)"]);
});

pageTest("after an undo, a value is as old as it was, in the list too", {}, async ({ page, stage }) => {
  await stage.client.set(firstSite, 12, { observedAt: Date.now() - 3 * 86_400_000 });
  await row(page, firstSite).getByText("3 d ago").waitFor();
  await row(page, firstSite).getByRole("button", { name: "12, stale, edit" }).click();
  await page.keyboard.type("40");
  await page.keyboard.press("Enter");
  await row(page, firstSite).getByRole("button", { name: "40, edit" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await row(page, firstSite).getByRole("button", { name: "12, stale, edit" }).waitFor();
  await row(page, firstSite).getByText("3 d ago").waitFor();
  await row(page, firstSite).getByRole("link").click();
  await page.locator(".shown .big").getByText("12").waitFor();
  assertMatch((await page.locator(".shown").textContent())!, /3 d ago/);
  await page.reload();
  await row(page, firstSite).getByText("3 d ago").waitFor();
});

pageTest("a retirement and a reopening are undone, each by an entry of its own", {}, async ({ page, stage }) => {
  await row(page, firstSite).getByRole("link").click();
  await page.getByRole("button", { name: "Retire" }).click();
  await page.getByLabel("Reason").fill("closed");
  await page.getByRole("dialog").getByRole("button", { name: "Retire" }).click();
  await page.getByText(`${firstSite} is retired`).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText(`${firstSite}: undone, it takes reports again`).waitFor();
  await stage.client.retire(firstSite, "moved");
  await page.getByText("retired: moved").waitFor();
  await page.getByRole("button", { name: "Reopen" }).click();
  await page.getByText(`${firstSite} takes reports again`, { exact: true }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText(`${firstSite}: undone, it is retired as before`).waitFor();
  const outcome = await stage.client.view(firstSite);
  assertEquals(outcome.kind === "site" && outcome.site.retired, "moved");
  const entries = (await Array.fromAsync(stage.client.changes())).flat();
  assertEquals(entries.map((entry) => [entry.kind, "note" in entry ? entry.note : undefined]).slice(1, 3), [
    ["retired", undefined],
    ["reopened", "undo of entry 2"],
  ]);
});

pageTest("a reopening is not undone if somebody has reported the site meanwhile", {}, async ({ page, stage }) => {
  await stage.client.retire(firstSite, "moved");
  await page.evaluate(`location.hash = "#/sites/${encodeURIComponent(firstSite)}"`);
  await page.getByRole("button", { name: "Reopen" }).click();
  await page.getByText(`${firstSite} takes reports again`, { exact: true }).waitFor();
  await stage.client.set(firstSite, 5);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText(`${firstSite}: not undone, somebody else has changed it meanwhile`).waitFor();
});
