/** Reporting a site with all that there is to say, and taking a report back. */

import { assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { firstSite, focused, pageTest, row, shown } from "./opened.ts";
import type { PageStage } from "./stage.ts";

/** Begins to edit the first site in its row. */
async function beginEditing(page: Page): Promise<Locator> {
  await row(page, firstSite).getByRole("button").click();
  return page.getByLabel(`Availability of ${firstSite}`);
}

/** Reports the first site in its row. */
async function report(page: Page, value: string): Promise<void> {
  await (await beginEditing(page)).fill(value);
  await page.keyboard.press("Enter");
  await row(page, firstSite).getByRole("button", { name: new RegExp(`: ${value}\\b.*, edit$`) }).waitFor();
}

/** The entries of the first site, the newest first. */
async function entriesOf({ client }: PageStage) {
  return (await Array.fromAsync(client.history(firstSite, { newestFirst: true }))).flat();
}

pageTest("a report has a unit, a note and a time of its own", { timezoneId: "America/New_York" }, async (opened) => {
  const { page, stage } = opened;
  await (await beginEditing(page)).fill("40");
  await page.getByLabel(`Unit of the count at ${firstSite}`).selectOption("doses");
  await page.getByLabel("Note", { exact: true }).fill("until six");
  await page.getByLabel("Observed, if not now").fill("2024-07-01T10:30");
  await page.getByRole("button", { name: "Save" }).click();
  await row(page, firstSite).getByRole("button", { name: "40 doses, stale, edit" }).waitFor();
  const outcome = await stage.client.view(firstSite);
  const { site, report } = outcome as Extract<typeof outcome, { kind: "site" }>;
  assertEquals([site.availability, site.unit, report?.note], [40, "doses", "until six"]);
  // 10:30 in New York in summer.
  assertEquals(new Date(site.observedAt).toISOString(), "2024-07-01T14:30:00.000Z");
  assertEquals(await row(page, firstSite).locator(".age time").textContent(), "2024-07-01 10:30");
  await row(page, firstSite).getByRole("link").click();
  await page.locator(".shown").getByText("2024-07-01 10:30:00 (14:30:00 UTC)", { exact: true }).waitFor();
  await page.locator(".shown").getByText("until six").waitFor();
});

pageTest("a report that is older than what the site shows is kept, and the page says so", {}, async (opened) => {
  const { page, stage } = opened;
  await report(page, "12");
  await (await beginEditing(page)).fill("5");
  await page.getByLabel("Observed, if not now").fill("2024-07-01T10:30");
  await page.keyboard.press("Enter");
  await page.getByText(`${firstSite}: 5. Kept, and not shown: the site shows a newer report`).waitFor();
  assertEquals(await shown(stage), 12);
  await page.locator(".latest li").first().getByText("came late").waitFor();
  assertEquals(await page.getByRole("button", { name: "Undo" }).count(), 1);
});

pageTest("a time in the future is refused, and nothing is sent", {}, async ({ page, stage }) => {
  await (await beginEditing(page)).fill("5");
  await page.getByLabel("Observed, if not now").fill("2999-01-01T00:00");
  await page.keyboard.press("Enter");
  await page.getByText('Cannot take "2999-01-01T00:00" as the time of the observation').waitFor();
  assertEquals((await entriesOf(stage)).length, 1);
});

pageTest(
  "a report is undone by an entry of its own, and the site shows what was there before",
  {},
  async ({ page, stage }) => {
    const observedAt = Date.now() - 7_200_000;
    await stage.client.set(firstSite, 12, { unit: "doses", observedAt });
    await row(page, firstSite).getByRole("button", { name: "12 doses, edit" }).waitFor();
    await report(page, "40");
    await page.getByRole("button", { name: "Undo" }).click();
    await row(page, firstSite).getByRole("button", { name: "12 doses, edit" }).waitFor();
    await page.getByText(`${firstSite}: undone, it shows 12 doses`).waitFor();
    const [undone, done] = await entriesOf(stage);
    assertEquals([undone.kind, undone.kind === "retracted" && undone.of], ["retracted", done.index]);
    const outcome = await stage.client.view(firstSite);
    assertEquals(outcome.kind === "site" && [outcome.site.availability, outcome.site.observedAt], [12, observedAt]);
    assertEquals(await page.getByRole("button", { name: "Undo" }).count(), 0);
  },
);

pageTest("a key undoes the first report of a site, and the focus stays", {}, async ({ page, stage }) => {
  await report(page, "40");
  await focused(row(page, firstSite).getByRole("link"));
  await page.keyboard.press("u");
  await row(page, firstSite).getByRole("button", { name: "no report, edit" }).waitFor();
  assertEquals(await shown(stage), 0);
  await focused(row(page, firstSite).getByRole("link"));
});

pageTest("an undo leaves what somebody else has reported meanwhile", {}, async ({ page, stage }) => {
  await report(page, "40");
  await stage.client.set(firstSite, 41, { who: "Ana" });
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText(`${firstSite}: undone, it shows 41`).waitFor();
  assertEquals(await shown(stage), 41);
  assertEquals((await entriesOf(stage)).length, 4);
});

pageTest("the offer to undo goes after ten seconds, unless one is at it", {}, async ({ page }) => {
  await row(page, firstSite).waitFor();
  await page.clock.install();
  await (await beginEditing(page)).fill("40");
  await page.keyboard.press("Enter");
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.focus();
  await page.clock.fastForward(10_000);
  await focused(undo);
  await page.getByRole("searchbox").focus();
  await page.clock.fastForward(10_000);
  await undo.waitFor({ state: "detached" });
});

pageTest("a site that nobody has reported is not one that has 0", {}, async ({ page }) => {
  await row(page, firstSite).getByRole("button", { name: `${firstSite}: no report, edit`, exact: true }).click();
  assertEquals(await page.getByLabel(`Availability of ${firstSite}`).inputValue(), "");
  await page.keyboard.press("Escape");
  await row(page, firstSite).getByRole("link").click();
  assertEquals(await page.locator(".big").textContent(), "no report");
  await page.getByText("nobody has reported this site yet", { exact: true }).waitFor();
  await report(page, "0");
  await page.locator(".big", { hasText: /^0$/ }).waitFor();
});
