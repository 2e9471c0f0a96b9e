/** Where a site is and how to reach it; a site that no one knows; and all of it on a phone. */

import { assert, assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { firstSite, pageTest, row } from "./opened.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const name = "A community vaccination centre at the Old Town Hall, Upper Floor, Entrance B, beside the library";

pageTest("a site has its address, telephone and links, and none that would run here", {}, async ({ page, stage }) => {
  const location = {
    resourceType: "Location",
    address: { line: ["1 Main St"], city: "Salem", state: "MA" },
    telecom: [{ system: "phone", value: "617-555-0123" }, { system: "url", value: "javascript:alert(1)" }],
  };
  await stage.client.document(firstSite, JSON.stringify({ location, csv: { "Booking Link": "https://a.example/b" } }));
  await row(page, firstSite).getByRole("link").click();
  const facts = page.locator(".facts");
  await facts.getByText("1 Main St, Salem, MA, ZIP 02138").waitFor();
  assertEquals(await facts.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href"))), [
    "tel:6175550123",
    "https://a.example/b",
  ]);
  // A document that comes while a person looks is shown, too.
  await stage.client.document(firstSite, JSON.stringify({ csv: { Address: "2 Main St" } }));
  await facts.getByText("2 Main St, ZIP 02138").waitFor();
  assertEquals(await facts.getByRole("link").count(), 0);
});

pageTest("a document is found however long ago it came", {}, async ({ page, stage }) => {
  await stage.client.document(firstSite, JSON.stringify({ csv: { Address: "1 Main St" } }));
  for (let value = 0; value < 1_000; value++) await stage.client.set(firstSite, value);
  await page.evaluate(`location.hash = "#/sites/${encodeURIComponent(firstSite)}"`);
  await page.locator(".facts").getByText("1 Main St, ZIP 02138").waitFor();
  await page.getByText("1,000+ entries").waitFor();
});

pageTest("a name that no site has leads to the one that was meant", {}, async ({ page }) => {
  await page.evaluate('location.hash = "#/sites/Harverd%20Univercity"');
  await page.getByText('There is no site "Harverd Univercity"').waitFor();
  await page.getByText("Did you mean").getByRole("link", { name: firstSite }).click();
  await page.getByRole("heading", { name: firstSite, exact: true }).waitFor();
  await page.locator(".big").waitFor();
  assertEquals(await page.getByText("Did you mean").count(), 0);
});

async function bottomOf(locator: Locator): Promise<number> {
  const { y, height } = (await locator.boundingBox())!;
  return y + height;
}

pageTest(
  "on a phone a row has two lines of the name, the ZIP code, age and time, inside the row",
  phone,
  async (opened) => {
    const { page, stage } = opened;
    await stage.client.add(name, "08332");
    await stage.client.set(name, 40, { unit: "appointments", observedAt: Date.now() - 3 * 86_400_000 });
    const one = row(page, name);
    await one.getByText("3 d ago, stale").waitFor();
    const link = one.getByRole("link");
    const lines = await link.locator("span").evaluate((it) => it.getBoundingClientRect().height / 18.75);
    assertEquals(Math.round(lines), 2);
    const bottom = await bottomOf(one);
    for (const part of [link, one.locator(".zip"), one.locator(".when"), one.getByRole("button")]) {
      assert(await part.isVisible() && await bottomOf(part) <= bottom, await part.textContent() ?? "");
    }
    assert(await bottomOf(link.locator("span")) <= (await one.locator(".zip").boundingBox())!.y);
    const heads = page.locator(".heads [role=columnheader]:visible");
    assertEquals(await heads.allTextContents(), ["Site", "Observed", "Availability"]);
    // Each title stands above its cells.
    for (const [title, cell] of [["Observed", ".age"], ["Availability", ".value"]]) {
      const [head, below] = await Promise.all(
        [page.locator(".heads").getByText(title), one.locator(cell)].map((it) => it.boundingBox()),
      );
      assert(head!.x < below!.x + below!.width && below!.x < head!.x + head!.width, title);
    }
    assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 390);
  },
);

pageTest("on a phone everything is reached by touch", phone, async ({ page, stage }) => {
  await row(page, firstSite).getByRole("button").tap();
  await page.getByLabel(`Availability of ${firstSite}`).fill("40");
  await page.getByLabel("Note", { exact: true }).fill("until six");
  await page.getByRole("button", { name: "Save" }).tap();
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await page.getByRole("link", { name: "Latest changes" }).tap();
  await page.locator(".latest li").first().getByText("40").waitFor();
  await page.getByRole("link", { name: "All sites" }).tap();
  await row(page, firstSite).getByRole("link").tap();
  await page.locator(".history").getByText("until six").waitFor();
  await page.getByRole("link", { name: "All sites" }).tap();
  await page.getByRole("button", { name: "Upload CSV" }).tap();
  await page.getByRole("button", { name: "Cancel" }).tap();
  await page.getByRole("link", { name: "Download CSV" }).waitFor();
  await stage.client.set(firstSite, 7);
  await row(page, firstSite).getByRole("button", { name: "7, edit" }).waitFor();
});

pageTest("a name that sites have more behind leads to a choice of these", {}, async ({ page, stage }) => {
  await stage.client.add("Rite Aid, Millville", "08332");
  await stage.client.document("Rite Aid, Millville", JSON.stringify({ csv: { Address: "12 High St" } }));
  await stage.client.add("Rite Aid (116)", "08360");
  await stage.client.retire("Rite Aid (116)", "closed");
  await page.evaluate('location.hash = "#/sites/Rite%20Aid"');
  await page.getByText('There is no site "Rite Aid", but the names of others begin with it').waitFor();
  const candidates = page.getByRole("list", { name: "Sites that may be meant" });
  assertEquals(await candidates.getByRole("listitem").allInnerTexts(), [
    "Rite Aid (116)\nZIP 08360, retired: closed",
    "Rite Aid, Millville\nZIP 08332, 12 High St",
  ]);
  assertEquals(await page.getByText("Did you mean").count(), 0);
  await candidates.getByRole("link", { name: "Rite Aid, Millville" }).click();
  await page.getByRole("heading", { name: "Rite Aid, Millville", exact: true }).waitFor();
  await page.locator(".facts").getByText("12 High St, ZIP 08332").waitFor();
  assertEquals(await candidates.count(), 0);
});
