/** What the page says to a person who hears it, and to one who sees little of it. */

import { assert, assertEquals } from "@std/assert";
import { firstSite, narrow, pageTest, row } from "./opened.ts";

pageTest("the list is a table with titles, and its values have the names of their sites", {}, async ({ page }) => {
  await row(page, firstSite).waitFor();
  const grid = page.getByRole("grid", { name: "Sites" });
  assertEquals(await grid.getByRole("columnheader").allTextContents(), [
    "Site",
    "ZIP code",
    "Observed",
    "Availability",
  ]);
  assertEquals(await grid.getAttribute("aria-rowcount"), "2");
  await grid.getByRole("button", { name: `${firstSite}: no report, edit`, exact: true }).waitFor();
});

pageTest("the latest changes say into what a site was merged, and what an edit has changed", {}, async (opened) => {
  const { page, stage: { client } } = opened;
  await client.add("Old", "02139");
  await client.edit("Old", { name: "New", zip: "02140" });
  await client.edit("New", { identifiers: [{ system: "https://example.com/a-long-name-of-a-system", value: "17" }] });
  await client.merge("New", firstSite);
  await client.unmerge("New");
  const changes = page.getByRole("region", { name: "Latest changes" }).getByRole("listitem");
  for (
    const text of [
      "was edited: name New, ZIP 02140",
      "has other identifiers",
      `was merged into ${firstSite}`,
      `was unmerged from ${firstSite}`,
    ]
  ) {
    await changes.getByText(text, { exact: true }).waitFor();
  }
});

pageTest("texts that follow one another have a space between them", {}, async ({ page, stage }) => {
  await page.getByRole("listitem").filter({ hasText: `${firstSite} was added  from the start` }).waitFor();
  const observedAt = Date.now() - 3 * 86_400_000;
  await stage.client.set(firstSite, 30, { unit: "doses", observedAt });
  await stage.client.set(firstSite, 5, { observedAt: observedAt - 86_400_000 });
  await row(page, firstSite).getByRole("link").click();
  await page.getByText("came late").waitFor();
  assertEquals(await page.locator(".big").textContent(), "30 doses stale");
  const observed = (await page.locator("dd").first().textContent())!.replaceAll(/\s+/g, " ").trim();
  assertEquals(
    /^3 d ago stale \d{4}-\d\d-\d\d [\d:]{8} .*UTC\)?\. The report is over a day old/.test(observed),
    true,
    observed,
  );
  assertEquals(await page.locator(".history td:first-child").allTextContents(), ["5 came late", "30 doses", "Added"]);
  await page.getByRole("link", { name: "How it works" }).click();
  assertEquals(
    await page.getByRole("article", { name: "Client c1" }).locator("header").textContent(),
    "c1 idle clock 0",
  );
  await page.getByRole("button", { name: "Submit" }).first().press("Enter");
  const waiting = page.locator(".pending li:has(code)").first();
  for (let step = 2; await waiting.count() === 0; step++) {
    await page.keyboard.press("ArrowRight");
    await page.getByText(`${step} of ${step}`, { exact: true }).waitFor();
  }
  assertEquals(await waiting.textContent(), "1·c1 set 40 no word from r0, r2 stable");
});

pageTest("on a narrow screen no text of a row runs into another", narrow, async ({ page, stage }) => {
  await page.getByText("Live", { exact: true }).waitFor();
  for (const [name, value] of [["a", "unknown"], ["b", 9_007_199_254_740_991], ["c", true], ["d", 130]] as const) {
    await stage.client.add(`${name} with a name that is rather long, for a site`, "02138");
    await stage.client.set(`${name} with a name that is rather long, for a site`, value, {
      observedAt: Date.now() - 44 * 60_000,
    });
  }
  await page.locator('.row[data-at="4"]').waitFor();
  // The age grows while the test is under way.
  await page.locator(".row").getByText(/^4\d min ago$/).nth(3).waitFor();
  for (const one of await page.locator(".row").all()) {
    const boxes = await Promise.all([".name", ".age", ".badge"].map((part) => one.locator(part).boundingBox()));
    const [name, age, badge] = boxes.map((box) => box!);
    assert(name.x + name.width <= age.x && age.x + age.width <= badge.x, await one.textContent() ?? "");
  }
});
