/** What the page says while its gateway is gone, and when it is back. */

import { assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { firstSite, pageTest, row, shown } from "./opened.ts";

pageTest(
  "what happened while the gateway was gone is shown, also if nothing had happened before",
  {},
  async (opened) => {
    const { page, stage } = opened;
    await page.getByText("Live", { exact: true }).waitFor();
    await row(page, firstSite).waitFor();
    await stage.stop();
    await page.getByText("Reconnecting").waitFor();
    await stage.client.set(firstSite, 22);
    stage.start();
    await row(page, firstSite).getByRole("button", { name: "22, edit" }).waitFor();
  },
);

pageTest("what happens after the list was read and before changes arrive is shown", {}, async ({ page, stage }) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route("**/api/events", async (route) => {
    await promise;
    await route.continue();
  });
  await page.reload();
  await row(page, firstSite).waitFor();
  await stage.client.set(firstSite, 22);
  resolve();
  await row(page, firstSite).getByRole("button", { name: "22, edit" }).waitFor();
});

/** Types a number for the first site, and sends nothing yet; returns the field. */
async function typed(page: Page): Promise<Locator> {
  await page.getByText("Live", { exact: true }).waitFor();
  await row(page, firstSite).getByRole("button").click();
  const field = page.getByLabel(`Availability of ${firstSite}`);
  await field.fill("40");
  return field;
}

pageTest(
  "a number that could not be saved is kept, and the notice goes when the gateway is back",
  {},
  async (opened) => {
    const { page, stage } = opened;
    const field = await typed(page);
    await stage.stop();
    await page.getByText("Reconnecting").waitFor();
    await field.press("Enter");
    const notice = page.getByText("Not saved. Your number is kept: press Save again.");
    await notice.waitFor();
    assertEquals(await field.inputValue(), "40");
    stage.start();
    await notice.waitFor({ state: "detached" });
    assertEquals([await field.inputValue(), await shown(stage)], ["40", 0]);
    await page.getByRole("button", { name: "Save" }).click();
    await row(page, firstSite).getByRole("button", { name: "40, edit" }).waitFor();
    assertEquals(await shown(stage), 40);
  },
);

pageTest(
  "what was sent and not answered is not called unsaved, and is looked for when the gateway is back",
  {},
  async (opened) => {
    const { page, stage } = opened;
    const field = await typed(page);
    // It is done, and the response is lost; and so are those to what is asked after it.
    let isLost = true;
    await page.route(/\/api\/site\/reports/, async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.route(/\/api\/site\?/, (route) => isLost ? route.abort() : route.continue());
    await field.press("Enter");
    await page.getByText("It is not known whether this was saved. Your number is kept: press Save again.").waitFor();
    assertEquals([await shown(stage), await field.inputValue()], [40, "40"]);
    isLost = false;
    await stage.stop();
    await page.getByText("Reconnecting").waitFor();
    stage.start();
    // It sees that this is what was sent.
    await page.getByText(`${firstSite}: 40`).waitFor();
    await field.waitFor({ state: "detached" });
  },
);

pageTest(
  "whoever presses Save again for what was done is told that it is, and does it once",
  {},
  async ({ page, stage }) => {
    const field = await typed(page);
    let posts = 0;
    await page.route(/\/api\/site\/reports/, async (route) => {
      if (++posts > 3) return await route.continue();
      await route.fetch();
      await route.abort();
    });
    await field.press("Enter");
    await page.getByText("It is not known whether this was saved.").waitFor();
    const { lastEntry } = stage.cluster.memory.sites;
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(`${firstSite}: 40`).waitFor();
    assertEquals(stage.cluster.memory.sites.lastEntry, lastEntry);
  },
);

pageTest("what a site and a dialog say of a gateway that is gone goes when it is back", {}, async ({ page, stage }) => {
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Add a site" }).click();
  await page.getByLabel("Name", { exact: true }).fill("New");
  await page.getByLabel("ZIP code", { exact: true }).fill("1");
  await stage.stop();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const notice = page.getByText("The gateway does not answer. Is it still running?");
  await notice.first().waitFor();
  stage.start();
  await notice.first().waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("heading", { name: "New", exact: true }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await stage.stop();
  await page.evaluate(`location.hash = "#/sites/${encodeURIComponent(firstSite)}"`);
  await notice.first().waitFor();
  stage.start();
  await page.locator(".history").waitFor();
  await notice.first().waitFor({ state: "detached" });
});

pageTest("the unit of a count stays as it is edited, can be seen, and can be changed", {}, async ({ page, stage }) => {
  await stage.client.set(firstSite, 12, { unit: "doses" });
  const button = (text: string) => row(page, firstSite).getByRole("button", { name: `${firstSite}: ${text}, edit` });
  await button("12 doses").click();
  const unit = page.getByLabel(`Unit of the count at ${firstSite}`);
  assertEquals(await unit.inputValue(), "doses");
  await page.keyboard.type("40");
  await page.keyboard.press("Enter");
  await button("40 doses").click();
  await unit.selectOption("appointments");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(`${firstSite}: 40 appointments`).waitFor();
  await button("40 appointments").click();
  // Only a number counts something.
  await page.keyboard.type("True");
  assertEquals([await unit.isDisabled(), await unit.inputValue()], [true, ""]);
  await page.keyboard.press("Enter");
  await button("True").click();
  await page.keyboard.type("7");
  await unit.selectOption("");
  await page.getByRole("button", { name: "Save" }).click();
  await button("7").waitFor();
  const outcome = await stage.client.view(firstSite);
  assertEquals(outcome.kind === "site" && outcome.site.unit, undefined);
});
