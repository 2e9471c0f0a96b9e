/** Taking back a report of a site's history, and redacting an entry. */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { firstSite, focused, narrow, pageTest, shown } from "./opened.ts";
import type { PageStage } from "./stage.ts";

/** Reports the first site twice, and opens it. */
async function open({ page, stage }: { readonly page: Page; readonly stage: PageStage }): Promise<void> {
  const observedAt = Date.now() - 7_200_000;
  await stage.client.set(firstSite, 12, { unit: "doses", observedAt, who: "Ann" });
  await stage.client.set(firstSite, 40, {
    unit: "doses",
    observedAt: observedAt + 1,
    who: "Bob",
    note: "by telephone",
  });
  await page.evaluate(`location.hash = ${JSON.stringify(`#/sites/${encodeURIComponent(firstSite)}`)}`);
  await entryRow(page, 3).getByText("40 doses").waitFor();
}

function entryRow(page: Page, index: number) {
  return page.locator(`.history [data-entry="${index}"]`);
}

function buttonOf(page: Page, what: string, index: number) {
  return page.getByRole("button", { name: `${what} entry ${index}`, exact: true });
}

async function newest({ client }: PageStage) {
  return (await Array.fromAsync(client.history(firstSite, { newestFirst: true, limit: 1 }))).flat()[0];
}

for (const [screen, options] of [["a wide", {}], ["a narrow", narrow]] as const) {
  pageTest(
    `on ${screen} screen a report of the history is taken back, and the focus stays`,
    options,
    async (opened) => {
      const { page, stage } = opened;
      await open(opened);
      assertEquals(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
      await buttonOf(page, "Take back", 3).click();
      const dialog = page.getByRole("dialog", { name: "Take back entry 3" });
      await dialog.getByText("without the report of 40 doses").waitFor();
      await dialog.getByLabel("Note").fill("the wrong site");
      await dialog.getByRole("button", { name: "Take back" }).click();
      await page.getByText(`${firstSite}: taken back, it shows 12 doses`).waitFor();
      await entryRow(page, 3).getByText("taken back").waitFor();
      await page.locator(".shown .big").getByText("12").waitFor();
      const entry = await newest(stage);
      assertEquals([entry.kind, entry.kind === "retracted" && [entry.of, entry.note]], [
        "retracted",
        [3, "the wrong site"],
      ]);
      assertEquals(await shown(stage), 12);
      assertEquals(await buttonOf(page, "Take back", 3).count(), 0);
      // What else can be done with the entry.
      await focused(buttonOf(page, "Redact", 3));
    },
  );
}

pageTest("a redaction asks first, and its row has neither who nor note then", { token: true }, async (opened) => {
  const { page, stage } = opened;
  await open(opened);
  await buttonOf(page, "Redact", 3).click();
  const dialog = page.getByRole("dialog", { name: "Redact entry 3" });
  assertEquals(await dialog.getByRole("listitem").allTextContents(), ["Bob", "by telephone"]);
  // The button that changes nothing comes first.
  await focused(dialog.getByRole("button", { name: "Cancel" }));
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await focused(buttonOf(page, "Redact", 3));
  assertEquals((await newest(stage)).index, 3);

  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await focused(dialog.getByRole("button", { name: "Remove for ever" }));
  await page.keyboard.press("Enter");
  await page.getByText(`${firstSite}: entry 3 no longer says who has reported it, nor the note`).waitFor();
  await buttonOf(page, "Redact", 3).waitFor({ state: "detached" });
  assertEquals(await page.locator(".history").getByText("Bob").count(), 0);
  const entry = await newest(stage);
  assertEquals([entry.kind, entry.kind === "redacted" && entry.of], ["redacted", 3]);
  // It is still what the site shows.
  assertEquals(await shown(stage), 40);
  await focused(buttonOf(page, "Take back", 3));
  // There is nothing to remove where nobody has said who it was.
  assertEquals(await buttonOf(page, "Redact", 1).count(), 0);
  assertEquals(await buttonOf(page, "Take back", 1).count(), 0);
});

pageTest("a row without a button left has the focus itself", {}, async (opened) => {
  const { page, stage } = opened;
  await open(opened);
  await stage.client.redact(2);
  await buttonOf(page, "Redact", 2).waitFor({ state: "detached" });
  await buttonOf(page, "Take back", 2).press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).press("Enter");
  await buttonOf(page, "Take back", 2).waitFor({ state: "detached" });
  await focused(entryRow(page, 2));
});

pageTest("what the gateway refuses stays in the dialog, and nothing is lost", {}, async (opened) => {
  const { page } = opened;
  await open(opened);
  await page.route("**/api/entries/3/retract", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: '{"type":"urn:vaxlog:problem:not-executed","detail":"No replica responds"}',
    }));
  await buttonOf(page, "Take back", 3).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Note").fill("the wrong site");
  await page.keyboard.press("Enter");
  await dialog.getByRole("alert").getByText("No replica responds").waitFor();
  assertEquals(await dialog.getByLabel("Note").inputValue(), "the wrong site");
  await page.unroute("**/api/entries/3/retract");
  await page.keyboard.press("Enter");
  await page.getByText(`${firstSite}: taken back, it shows 12 doses`).waitFor();
});
