/**
 * Sites in a browser, as people look for them, report what they have, and watch.
 */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { NotExecutedError } from "../../src/net/client/session.ts";
import { OpenPage, whyNoBrowser } from "./browser.ts";
import { poorContrast } from "./contrast.ts";
import { firstSite, pageTest, row, shown } from "./opened.ts";
import { PageStage } from "./stage.ts";

function card(page: Page, name: string) {
  return page.getByRole("article", { name });
}

pageTest("search and ZIP find sites as a person types", { sites: 300 }, async ({ page }) => {
  await page.getByRole("searchbox").fill("rite aid, sal");
  await row(page, "Rite Aid, Salem 0001").waitFor();
  await page.getByText("4 found", { exact: true }).waitFor();
  const zip = await row(page, "Rite Aid, Salem 0002").locator(".zip").textContent();
  await page.getByLabel("ZIP code begins with").fill(zip!);
  await page.getByText("1 found", { exact: true }).waitFor();
  await page.getByRole("searchbox").fill("no such site");
  await page.getByText("No site matches").waitFor();
});

pageTest("an availability is edited in place, and what makes no sense is refused", {}, async ({ page, stage }) => {
  await row(page, firstSite).getByRole("button").click();
  const field = page.getByLabel(`Availability of ${firstSite}`);
  await field.fill("many");
  await field.press("Enter");
  await page.getByText('Cannot take "many" as an availability: give a count').waitFor();
  await field.fill("true");
  await field.press("Enter");
  await row(page, firstSite).getByRole("button", { name: "True, edit" }).waitFor();
  const outcome = await stage.client.view(firstSite);
  assertEquals(outcome.kind === "site" && outcome.site.availability, true);
});

pageTest("who edits what somebody else has changed meanwhile sees both, and decides", {}, async ({ page, stage }) => {
  await row(page, firstSite).getByRole("button").click();
  const field = page.getByLabel(`Availability of ${firstSite}`);
  await field.fill("40");
  await stage.client.set(firstSite, 12);
  await field.press("Enter");
  await page.getByText("Somebody set it to 12 in the meantime. Your 40 is not saved.").waitFor();
  assertEquals(await shown(stage), 12);
  await page.getByRole("button", { name: "Set 40" }).click();
  await row(page, firstSite).getByRole("button", { name: "40, edit" }).waitFor();
  assertEquals(await shown(stage), 40);
});

pageTest("a site is added, retired with a reason, and reopened", {}, async ({ page }) => {
  await page.getByRole("button", { name: "Add a site" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Rite Aid, Millville");
  await page.getByLabel("ZIP code", { exact: true }).fill("08332");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("heading", { name: "Rite Aid, Millville" }).waitFor();
  await page.getByRole("button", { name: "Retire" }).click();
  await page.getByLabel("Reason").fill("closed for good");
  await page.getByRole("dialog").getByRole("button", { name: "Retire" }).click();
  await page.getByText("retired: closed for good").waitFor();
  await row(page, "Rite Aid, Millville").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Reopen" }).click();
  await row(page, "Rite Aid, Millville").waitFor();
});

/** Adds a site, edits it, retires it and opens it again. */
async function useSite(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Add a site" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("ZIP code", { exact: true }).fill("08332");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("heading", { name, exact: true }).waitFor();
  const site = page.getByRole("region", { name, exact: true });
  await site.getByRole("button", { name: "Report availability" }).click();
  await site.getByLabel(`Availability of ${name}`, { exact: true }).fill("40");
  await page.keyboard.press("Enter");
  await page.getByRole("table").getByText("40", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Retire" }).click();
  await page.getByLabel("Reason").fill("closed for good");
  await page.getByRole("dialog").getByRole("button", { name: "Retire" }).click();
  await page.getByText("retired: closed for good").waitFor();
  await page.getByRole("button", { name: "Reopen" }).click();
  await page.getByRole("button", { name: "Retire" }).waitFor();
}

for (const name of [".", "..", "a/../b", "100% of #1? &c", "%2e%2e", "中".repeat(200)]) {
  pageTest(
    `a site whose name is ${JSON.stringify(name.slice(0, 20))} is one like others`,
    {},
    async ({ page, stage }) => {
      await useSite(page, name);
      // The address names it, too.
      await page.reload();
      await page.getByRole("heading", { name, exact: true }).waitFor();
      const outcome = await stage.client.view(name);
      assertEquals(outcome.kind === "site" && outcome.site.availability, 40);
    },
  );
}

Deno.test({
  name: "behind a proxy that has it at a path of its own, the page does the same (needs chromium)",
  ignore: whyNoBrowser !== undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    let target = "";
    await using proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const path = request.url.slice(new URL("/vaccines/", request.url).href.length);
      const { method, headers } = request;
      const body = method === "POST" ? await request.arrayBuffer() : undefined;
      return await fetch(target + path, { method, headers, body });
    });
    const url = `http://127.0.0.1:${proxy.addr.port}/vaccines/`;
    await using stage = new PageStage(url);
    target = stage.url;
    await using opened = await OpenPage.at(url);
    await useSite(opened.page, "Rite Aid, Millville");
    await opened.page.getByRole("link", { name: "How it works" }).click();
    await card(opened.page, "r2").waitFor();
    assertEquals(opened.errors, []);
  },
});

pageTest("a site's history is a plot and a table, which grow while a person looks", {}, async ({ page, stage }) => {
  for (const value of [3, "unknown", 40] as const) await stage.client.set(firstSite, value, { who: "Ana" });
  await stage.client.set(firstSite, 9, { observedAt: 1_000, source: "feed" });
  await row(page, firstSite).getByRole("link").click();
  await page.locator(".plot canvas").waitFor();
  await page.getByText("came late").waitFor();
  assertEquals(await page.locator(".history:not(.sources) tbody tr").count(), 5);
  await stage.client.set(firstSite, 77);
  await page.locator(".history:not(.sources) tbody tr").nth(5).waitFor();
  assertEquals(await page.locator(".big").textContent(), "77");
});

pageTest("changes appear while a person looks, also after the gateway was gone", {}, async ({ page, stage }) => {
  await row(page, firstSite).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await stage.client.set(firstSite, 21);
  await row(page, firstSite).getByRole("button", { name: "21, edit" }).waitFor();
  await stage.restart();
  await stage.client.set(firstSite, 22);
  await row(page, firstSite).getByRole("button", { name: "22, edit" }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
});

pageTest("a cluster that hangs is called so in every part, and nothing is lost", {}, async ({ page, stage }) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  stage.cluster.before = () => promise;
  for (const slot of [0, 1, 2]) stage.cluster.hung.add(slot);
  await page.reload();
  await page.getByText("No answer", { exact: true }).waitFor();
  await page.getByText("The cluster is not answering").waitFor();
  assertEquals(await page.evaluate(poorContrast), []);
  await page.getByText("Loading", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Cluster" }).click();
  await page.getByText("0more may fail; 3 give no answer").waitFor();
  await page.getByText("1view", { exact: true }).waitFor();
  await page.getByText("No answer", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Sites" }).click();
  stage.cluster.hung.clear();
  resolve();
  await row(page, firstSite).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByText("The cluster is not answering").waitFor({ state: "detached" });
});

pageTest("what the cluster refused while it was lost is asked for again", {}, async ({ page, stage }) => {
  stage.cluster.before = () => Promise.reject(new NotExecutedError("No replica answers"));
  await page.reload();
  await page.getByText("No replica answers").waitFor();
  await page.getByText("No answer", { exact: true }).waitFor();
  stage.cluster.before = () => Promise.resolve();
  await row(page, firstSite).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
});

pageTest("100,000 sites are searched and scrolled, and few rows are drawn", { sites: 100_000 }, async ({ page }) => {
  await page.getByText("100,001 sites").waitFor();
  const drawn = await page.locator(".row").count();
  assert(drawn > 10 && drawn < 60, `${drawn} rows are drawn`);
  await page.getByRole("searchbox").fill("Kroger, Trenton 1234");
  await page.getByText("1 found", { exact: true }).waitFor();
});
