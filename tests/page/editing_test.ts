/** Editing an availability while answers are under way, and while others edit it. */

import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { firstSite, pageTest, row, shown } from "./opened.ts";

const looks = /\/api\/site\?/;
const fieldLabel = `Availability of ${firstSite}`;

/** Holds what the page asks of a site, until it is opened. */
async function gateOf(page: Page): Promise<{ open(): void }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route(looks, async (route) => {
    await promise;
    // The page may have given up this request.
    await route.continue().catch(() => {});
  });
  return { open: resolve };
}

/** Begins to edit the first site by its key. */
async function beginEditing(page: Page): Promise<void> {
  await row(page, firstSite).getByRole("link").focus();
  await page.keyboard.press("e");
}

pageTest("what is typed at once is what is saved, however late the answers are", {}, async ({ page, stage }) => {
  await row(page, firstSite).waitFor();
  const gate = await gateOf(page);
  await beginEditing(page);
  await page.keyboard.type("1234");
  await page.keyboard.press("Enter");
  assertEquals(await page.getByLabel(fieldLabel).inputValue(), "1234");
  gate.open();
  await row(page, firstSite).getByRole("button", { name: "1234, edit" }).waitFor();
  assertEquals(await shown(stage), 1234);
});

pageTest("another number counts what the last one did, and what is not a number counts nothing", {}, async (opened) => {
  const { page, stage } = opened;
  await stage.client.set(firstSite, 12, { unit: "doses" });
  const units = [];
  for (const [before, typed] of [["12", "40"], ["40", "True"], ["True", "7"]]) {
    await row(page, firstSite).getByRole("button", { name: new RegExp(`: ${before}\\b.*edit$`) }).waitFor();
    await beginEditing(page);
    await page.keyboard.type(typed);
    await page.keyboard.press("Enter");
    await row(page, firstSite).getByRole("button", { name: new RegExp(`: ${typed}\\b.*edit$`) }).waitFor();
    const outcome = await stage.client.view(firstSite);
    units.push(outcome.kind === "site" && outcome.site.unit);
  }
  assertEquals(units, ["doses", undefined, undefined]);
});

pageTest("the field has what the row shows, selected, and an answer leaves it alone", {}, async ({ page, stage }) => {
  await stage.client.set(firstSite, 120);
  await row(page, firstSite).getByRole("button", { name: "120, edit" }).waitFor();
  const gate = await gateOf(page);
  await beginEditing(page);
  assertEquals(await page.evaluate("getSelection().toString()"), "120");
  await page.keyboard.press("End");
  await page.keyboard.type("5");
  const answer = page.waitForResponse(looks);
  gate.open();
  await (await answer).finished();
  await page.keyboard.type("6");
  assertEquals(await page.getByLabel(fieldLabel).inputValue(), "12056");
});

pageTest("what came between the row and the first answer is shown before it is replaced", {}, async (opened) => {
  const { page, stage } = opened;
  await row(page, firstSite).waitFor();
  const gate = await gateOf(page);
  await beginEditing(page);
  await stage.client.set(firstSite, 12, { who: "Ana" });
  gate.open();
  await page.keyboard.type("40");
  await page.keyboard.press("Enter");
  await page.getByText("Ana set it to 12 in the meantime. Your 40 is not saved.").waitFor();
  assertEquals(await shown(stage), 12);
  await page.getByRole("button", { name: "Set 40" }).click();
  await row(page, firstSite).getByRole("button", { name: "40, edit" }).waitFor();
  assertEquals(await shown(stage), 40);
});

pageTest("who closes the field before the first answer has saved nothing", {}, async ({ page, stage }) => {
  await row(page, firstSite).waitFor();
  const sent: string[] = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  const gate = await gateOf(page);
  await beginEditing(page);
  await page.keyboard.type("40");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.locator(".row a:focus").waitFor();
  const answer = page.waitForResponse(looks);
  gate.open();
  await (await answer).finished();
  await stage.client.set(firstSite, 3);
  await row(page, firstSite).getByRole("button", { name: "3, edit" }).waitFor();
  assertEquals(sent, []);
});

pageTest("who closes the field while it is saved is told when that is done", {}, async ({ page, stage }) => {
  await row(page, firstSite).waitFor();
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route(/\/api\/site\/reports/, async (route) => {
    await promise;
    await route.continue();
  });
  await beginEditing(page);
  await page.keyboard.type("40");
  const sent = page.waitForRequest(/\/api\/site\/reports/);
  await page.keyboard.press("Enter");
  await sent;
  await page.keyboard.press("Escape");
  await stage.client.set(firstSite, 12, { who: "Ana" });
  resolve();
  await page.getByText(`${firstSite}: Ana set it to 12 in the meantime, 40 is not saved`).waitFor();
  assertEquals(await shown(stage), 12);
});

pageTest(
  "a cluster that does not answer is named after a moment, and typing continues",
  { alone: true },
  async ({ page }) => {
    await row(page, firstSite).waitFor();
    await page.clock.install();
    const gate = await gateOf(page);
    await beginEditing(page);
    await page.keyboard.type("4");
    await page.clock.fastForward(2_000);
    await page.getByText("The cluster has not answered yet.").waitFor();
    await page.keyboard.type("1");
    gate.open();
    await page.getByText("The cluster has not answered yet.").waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await row(page, firstSite).getByRole("button", { name: "41, edit" }).waitFor();
  },
);

pageTest("the choice between two values keeps the focus where it is, whatever else happens", {}, async (opened) => {
  const { page, stage } = opened;
  await row(page, firstSite).waitFor();
  await beginEditing(page);
  await page.keyboard.type("40");
  await stage.client.set(firstSite, 12);
  await page.keyboard.press("Enter");
  await page.locator(".conflict button:focus").waitFor();
  await page.keyboard.press("Tab");
  await stage.client.add("Another", "1");
  await row(page, "Another").waitFor();
  await page.keyboard.press("Enter");
  await row(page, firstSite).getByRole("button", { name: "40, edit" }).waitFor();
  assertEquals(await shown(stage), 40);
});

pageTest("what is said of the last row that is seen is seen, too", { sites: 100 }, async ({ page, stage }) => {
  await page.locator(".row").first().waitFor();
  const place = await page.evaluate('Math.floor(document.querySelector(".rows").clientHeight / 48) - 1');
  const last = page.locator(`.row[data-at="${place}"]`);
  const name = await last.getByRole("link").textContent();
  await last.getByRole("button").click();
  await page.keyboard.type("many");
  await page.keyboard.press("Enter");
  const refusal = page.getByText(/^Cannot take ".*" as an availability: give a count/);
  await refusal.waitFor();
  const bottomOf = async (locator: Locator) => {
    const { y, height } = (await locator.boundingBox())!;
    return y + height;
  };
  assert(await bottomOf(refusal) < 800);
  await page.locator(".edit .value").fill("40");
  await stage.client.set(name!, 12);
  await page.keyboard.press("Enter");
  const choice = page.getByRole("alertdialog");
  await choice.waitFor();
  assert(await bottomOf(choice) < 800);
});
