/** The list while many sites are added, and while an answer is under way. */

import { assert, assertEquals } from "@std/assert";
import { firstSite, keepSilence, pageTest, row } from "./opened.ts";

pageTest("while a database is filled, the list stays short, and is loaded where one comes", {}, async (opened) => {
  const { page, stage } = opened;
  await page.getByText("Live", { exact: true }).waitFor();
  await row(page, firstSite).waitFor();
  await keepSilence(page);
  await stage.addSites(3_000);
  await page.getByText("3,001 sites").waitFor();
  assert(Number(await page.locator(".space").getAttribute("data-count")) <= 501);
  // One more if the list was not loaded again meanwhile.
  await page.getByText(/^3,001 sites · 50[01] loaded, more as you scroll$/).waitFor();
  const scrollDown = () => page.evaluate('document.querySelector(".rows").scrollTop = 1e9');
  await scrollDown();
  await page.locator('.space:is([data-count="1000"], [data-count="1001"])').waitFor({ state: "attached" });
  const names: string[] = [];
  for await (const sites of stage.client.list({ limit: 1_001 })) names.push(...sites.map(({ name }) => name));
  await scrollDown();
  await row(page, names[999]).waitFor();
});

pageTest("what happens while the list is loaded is in it", {}, async ({ page, stage }) => {
  await row(page, firstSite).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await keepSilence(page);
  const { promise, resolve } = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  await page.route(/\/api\/sites\?/, async (route) => {
    const response = await route.fetch();
    read.resolve();
    await promise;
    await route.fulfill({ response });
  });
  await page.getByLabel("also retired").check();
  await read.promise;
  await stage.client.add("Another", "02138");
  await row(page, "Another").waitFor();
  const answer = page.waitForResponse(/\/api\/sites\?/);
  resolve();
  await (await answer).finished();
  await page.getByText("2 found", { exact: true }).waitFor();
  assertEquals(await page.locator(".row").count(), 2);
});

pageTest("a value that has the focus keeps it when it changes", {}, async ({ page, stage }) => {
  await page.getByText("Live", { exact: true }).waitFor();
  await row(page, firstSite).getByRole("button").focus();
  for (const value of [5, 6]) {
    await stage.client.set(firstSite, value);
    await page.locator(".row button:focus").filter({ hasText: String(value) }).waitFor();
  }
});

pageTest("a value is marked when it changes, and once more when it changes again", { sites: 3 }, async (opened) => {
  const { page, stage } = opened;
  await page.getByText("Live", { exact: true }).waitFor();
  await row(page, firstSite).waitFor();
  // A list that is still being loaded may bring a first change unmarked.
  await stage.client.set(firstSite, 4);
  await row(page, firstSite).getByRole("button", { name: "4, edit" }).waitFor();
  await keepSilence(page);
  await page.evaluate(`{
    const { animate } = Element.prototype;
    globalThis.marked = [];
    Element.prototype.animate = function (...how) {
      marked.push(this.textContent);
      return animate.apply(this, how);
    };
  }`);
  for (const value of [5, 6]) {
    await stage.client.set(firstSite, value);
    await row(page, firstSite).getByRole("button", { name: `${value}, edit` }).waitFor();
  }
  assertEquals(await page.evaluate("marked"), ["5", "6"]);
});

pageTest("a search ends, however often sites begin to match while it is under way", {}, async ({ page, stage }) => {
  const names = Array.from({ length: 12 }, (_, at) => `Site ${at + 10}`);
  for (const name of names) await stage.client.add(name, "02138");
  await row(page, "Site 21").waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await keepSilence(page);
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  await page.route(/available=true/, async (route) => {
    asked++;
    await promise;
    await route.continue();
  });
  const asks = page.waitForRequest(/available=true/);
  await page.getByLabel("available only").check();
  await asks;
  for (const value of [1, 2, 3]) {
    for (const name of names) await stage.client.set(name, value);
    await page.locator(".latest li").first().filter({ hasText: `Site 21 ${value}` }).waitFor();
  }
  assertEquals(asked, 1);
  resolve();
  await page.getByText("12 found", { exact: true }).waitFor();
});
