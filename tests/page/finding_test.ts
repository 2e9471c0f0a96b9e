/** How a person comes from a search to a site, to the ends of a long list, and back. */

import { assert, assertEquals } from "@std/assert";
import { firstSite, focused, keepSilence, narrow, pageTest, placeIn, row } from "./opened.ts";

pageTest("after / and typing, the arrows and Enter go to the rows", { sites: 20 }, async ({ page }) => {
  await row(page, firstSite).waitFor();
  const { keyboard } = page;
  await keyboard.press("/");
  await keyboard.type("rite aid");
  // At once: what was typed is not searched for yet.
  await keyboard.press("ArrowDown");
  const rows = page.locator(".row");
  await page.getByText("3 found", { exact: true }).waitFor();
  await focused(rows.nth(0).getByRole("link"));
  const names = await rows.locator(".name").allTextContents();
  assertEquals(names.length, 3);
  assert(names.every((name) => name.startsWith("Rite Aid")), names.join());
  await keyboard.press("ArrowDown");
  await focused(rows.nth(1).getByRole("link"));
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: names[1], exact: true }).waitFor();
});

pageTest(
  "Enter in the search opens the first site of what was typed, not of what was there",
  { sites: 20 },
  async (opened) => {
    const { page } = opened;
    await row(page, firstSite).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("harv");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: firstSite, exact: true }).waitFor();
    await page.getByRole("searchbox").fill("walgreens");
    await page.getByRole("searchbox").press("Enter");
    await page.getByRole("heading", { name: /^Walgreens/ }).waitFor();
  },
);

pageTest("a search finds a name typed in another form of Unicode, also when it changes", {}, async (opened) => {
  const { page, stage } = opened;
  await stage.client.add("Caf\u00e9 Central", "02138");
  await page.getByRole("searchbox").fill("cafe\u0301");
  await page.getByText("1 found", { exact: true }).waitFor();
  await stage.client.set("Caf\u00e9 Central", 21);
  await row(page, "Central").getByRole("button", { name: "21, edit" }).waitFor();
  assertEquals(await page.getByText("1 found", { exact: true }).count(), 1);
});

for (const options of [{ sites: 5 }, { ...narrow, sites: 5 }]) {
  const where = "viewport" in options ? "a narrow screen" : "a wide screen";
  pageTest(`on ${where} Escape leaves a site, but not what is being done there`, options, async ({ page }) => {
    const link = row(page, firstSite).getByRole("link");
    const heading = page.getByRole("heading", { name: firstSite, exact: true });
    await link.press("Enter");
    await heading.waitFor();
    await page.keyboard.press("Escape");
    await heading.waitFor({ state: "detached" });
    await focused(link);
    await link.press("Enter");
    await page.getByRole("button", { name: "Report availability" }).press("Enter");
    await page.locator(".edit .value:focus").press("Escape");
    await focused(page.getByRole("button", { name: "Report availability" }));
    await page.getByRole("button", { name: "Retire" }).press("Enter");
    await page.getByLabel("Reason").press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assertEquals(await heading.count(), 1);
    await page.keyboard.press("Escape");
    await heading.waitFor({ state: "detached" });
  });
}

pageTest("what is seen listens at once, however late the page is drawn", { alone: true }, async ({ page }) => {
  // From here on no timer fires, and the page is told of no frame.
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.reload();
  await page.getByRole("link", { name: "How it works" }).click();
  await page.getByRole("button", { name: "Submit" }).first().press("Enter");
  await page.keyboard.press("ArrowRight");
  await page.getByText("2 of 2", { exact: true }).waitFor();
  await page.evaluate(`location.hash = "#/sites/${encodeURIComponent(firstSite)}"`);
  const heading = page.getByRole("heading", { name: firstSite, exact: true });
  await heading.waitFor();
  await page.keyboard.press("Escape");
  await heading.waitFor({ state: "detached" });
});

pageTest(
  "End goes to the last of 100,000 sites, Home to the first, and few are loaded",
  { sites: 100_000 },
  async (opened) => {
    const { page, stage } = opened;
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByText("100,001 sites").waitFor();
    await keepSilence(page);
    let loaded = 0;
    page.on("response", (response) => {
      if (/\/api\/sites\?/.test(response.url())) loaded++;
    });
    const rows = page.locator(".row");
    const first = rows.filter({ hasText: "CVS, Boston 0001" }).getByRole("link");
    const last = rows.filter({ hasText: "Wegmans, Worcester 1234" }).getByRole("link");
    await first.focus();
    for (let times = 0; times < 2; times++) {
      await page.keyboard.press("End");
      await focused(last);
      assert(await last.isVisible());
      await page.keyboard.press("ArrowUp");
      await focused(rows.filter({ hasText: "Wegmans, Worcester 1233" }).getByRole("link"));
      await page.keyboard.press("Home");
      await focused(first);
      assertEquals(await page.evaluate('document.querySelector(".rows").scrollTop'), 0);
    }
    // There are 200; where the machine is slow, the page may load a part again.
    assert(loaded <= 16, `${loaded} pages of sites were loaded`);
    assert(await rows.count() < 60);
    // The sites before the last ones are loaded as the person goes there, and what is seen stays where it is.
    await page.keyboard.press("End");
    await focused(last);
    for (let screens = 0; screens < 60; screens++) await page.keyboard.press("PageUp");
    const at = page.locator(".row:has(a:focus)");
    const seen = async () => ({
      name: await at.locator(".name").textContent(),
      place: await placeIn(page.getByRole("grid"), at),
    });
    const before = await seen();
    await page.locator(".space").and(page.locator(":not([data-count='500'])")).waitFor();
    assertEquals(await seen(), before);
    // Changes arrive there, too, and a new last site is the last one.
    await stage.client.add("Zz", "1");
    await page.getByText("100,002 sites").waitFor();
    await page.keyboard.press("End");
    await focused(rows.filter({ hasText: "Zz" }).getByRole("link"));
    await page.getByRole("searchbox").fill("kroger");
    await page.getByText(/^[\d,]+\+ found/).waitFor();
    await page.getByRole("searchbox").press("ArrowDown");
    // Until what was typed is found, the focus stays in the field, where End goes to the end of the text.
    await focused(rows.filter({ hasText: "Kroger" }).getByRole("link"));
    await page.keyboard.press("End");
    await focused(rows.filter({ hasText: "Kroger, Worcester 1234" }).getByRole("link"));
  },
);

pageTest("long names wrap, in the list, as a title, and in what edits them", narrow, async ({ page, stage }) => {
  const names = [
    "The Community Vaccination Centre at the Old Town Hall, Upper Floor",
    "中".repeat(100),
    "W".repeat(200),
  ];
  for (const name of names) await stage.client.add(name, "02138");
  for (const name of names) {
    const cell = row(page, name).locator(".name span");
    await cell.waitFor();
    const { height } = (await cell.boundingBox())!;
    assert(height > 30 && height <= 44, `${name} takes ${height} px`);
    await row(page, name).getByRole("button").click();
    const box = page.locator(".edit");
    await box.getByText(name, { exact: true }).waitFor();
    const { x, width } = (await box.boundingBox())!;
    assert(x >= 0 && x + width <= 360, `${x} + ${width}`);
    await page.keyboard.press("Escape");
    await row(page, name).getByRole("link").click();
    await page.getByRole("heading", { name, exact: true }).waitFor();
    assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 360);
    const isCut = '[...document.querySelectorAll("h1")].some((it) => it.scrollWidth > it.clientWidth)';
    assertEquals(await page.evaluate(isCut), false);
    await page.keyboard.press("Escape");
  }
});

pageTest(
  "the titles of the columns are seen, and what ages mean is explained",
  { sites: 5, timezoneId: "America/New_York" },
  async ({ page, stage }) => {
    await stage.client.set(firstSite, 1, { observedAt: Date.now() - 3 * 86_400_000 });
    await row(page, firstSite).getByText("3 d ago, stale").waitFor();
    for (const title of ["Site", "ZIP code", "Observed", "Availability"]) {
      const { width, height } = (await page.getByRole("columnheader", { name: title, exact: true }).boundingBox())!;
      assert(width > 20 && height > 10, title);
    }
    const colour = (selector: string) => page.evaluate(`getComputedStyle(document.querySelector("${selector}")).color`);
    const help = page.locator(".help");
    assertEquals(
      await help.textContent(),
      "Observed: when somebody looked, by your clock (America/New_York). " +
        "stale: over a day ago, so it may have changed. no report: nobody has reported this site yet, which is not 0.",
    );
    assertEquals(await colour(".help .warn"), await colour(".age .warn"));
    await stage.client.add("New", "1");
    const never = row(page, "New").locator(".age").filter({ hasText: "never" });
    assertEquals(await never.getAttribute("title"), "Nobody has reported this site yet");
    await row(page, "New").getByRole("link").click();
    await page.locator("dd").getByText("nobody has reported this site yet").waitFor();
  },
);

pageTest("a stale count is muted, says so, and is counted beside those that are found", {}, async ({ page, stage }) => {
  const observedAt = Date.now() - 2 * 86_400_000;
  await stage.client.add("Fresh", "02139");
  await stage.client.set("Fresh", 5);
  await stage.client.set(firstSite, 30, { unit: "doses", observedAt });
  const badge = (name: string) => row(page, name).getByRole("button");
  await page.getByRole("button", { name: `${firstSite}: 30 doses, stale, edit`, exact: true }).waitFor();
  await badge("Fresh").getByText("5").waitFor();
  assertEquals(await badge(firstSite).getAttribute("data-finds"), "stale");
  const colourOf = (finds: string) =>
    page.evaluate(`getComputedStyle(document.querySelector('.badge[data-finds="${finds}"]')).backgroundColor`);
  assert(await colourOf("stale") !== await colourOf("some"));
  // Available is what a site shows, as in a list by command.
  await page.getByLabel("available only").check();
  await page.getByText("2 found, 1 of them stale", { exact: true }).waitFor();
  await row(page, firstSite).getByRole("link").click();
  await page.locator(".big.muted").getByText("stale", { exact: true }).waitFor();
  await stage.client.set(firstSite, 30, { unit: "doses", confirms: true });
  await page.locator(".big.good").getByText("30").waitFor();
  await page.getByText("2 found", { exact: true }).waitFor();
});

pageTest("sites that others rename or merge stand where they belong, without a reload", {}, async ({ page, stage }) => {
  await page.getByText("Live", { exact: true }).waitFor();
  await stage.client.add("Main Street", "02139");
  await row(page, "Main Street").waitFor();
  await stage.client.edit("Main Street", { name: "Avenue" });
  await row(page, "Avenue").waitFor();
  const names = () => page.locator(".row .name").allTextContents();
  assertEquals(await names(), ["Avenue", firstSite]);
  await stage.client.set("Avenue", 7);
  await stage.client.merge("Avenue", firstSite);
  await row(page, "Avenue").waitFor({ state: "detached" });
  await row(page, firstSite).getByText("7", { exact: true }).waitFor();
  await stage.client.unmerge("Avenue");
  await row(page, "Avenue").waitFor();
  assertEquals(await names(), ["Avenue", firstSite]);
});

pageTest("the name and the id of a merged site lead to the other one, and stay there", {}, async ({ page, stage }) => {
  const { client } = stage;
  await client.add("Twin A", "02139");
  await client.add("Twin B", "02139");
  await client.merge("Twin B", "Twin A");
  for (const name of ["Twin B", "id:3", "id:2"]) {
    await page.evaluate(`location.hash = "#/sites/${encodeURIComponent(name)}"`);
    await page.getByRole("heading", { name: "Twin A", exact: true }).waitFor();
    await page.waitForURL(({ hash }) => hash === "#/sites/Twin%20A");
  }
  // A report under the other name is of this site, and so is what happens to the sites that it has.
  await client.set("Twin B", 41);
  await page.locator(".big", { hasText: "41" }).waitFor();
  await client.unmerge("Twin B");
  await page.getByText("2 entries").waitFor();
});

pageTest("a site that is open stays open when somebody gives it another name", {}, async ({ page, stage }) => {
  await page.evaluate(`location.hash = "#/sites/${encodeURIComponent(firstSite)}"`);
  await page.locator(".big").waitFor();
  await stage.client.edit(firstSite, { name: "Harvard, Cambridge" });
  await page.getByRole("heading", { name: "Harvard, Cambridge", exact: true }).waitFor();
  assertEquals(await page.evaluate("location.hash"), "#/sites/Harvard%2C%20Cambridge");
});
