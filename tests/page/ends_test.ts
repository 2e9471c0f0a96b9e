/** A person who goes to the end of a long list arrives there, whatever is loaded meanwhile. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { focused, pageTest, row } from "./opened.ts";

/** More than one request asks for, also of one chain. */
const sites = 5_000;

/** What the page asks for at End. */
const lastSites = "limit=500&last=true";

/** The queries of the requests for sites, as they are sent; each is answered once `mayAnswer` says so. */
async function watchLists(page: Page, mayAnswer: (query: URLSearchParams) => Promise<unknown>): Promise<string[]> {
  const queries: string[] = [];
  await page.route(/\/api\/sites\?/, async (route) => {
    const query = new URL(route.request().url()).searchParams;
    queries.push(query.toString());
    await mayAnswer(query);
    // The page may have given up this request.
    await route.continue().catch(() => {});
  });
  return queries;
}

pageTest("a list that is loaded again on its way to the end still goes there", { sites }, async ({ page }) => {
  await page.getByText("5,001 sites").waitFor();
  const again = Promise.withResolvers<void>();
  let asked = 0;
  // The first answer takes so long that the page calls the cluster silent, and then loads the list again.
  const queries = await watchLists(page, async (query) => {
    if (query.toString() !== lastSites) return;
    if (++asked === 1) await again.promise;
    else again.resolve();
  });
  await page.locator(".row").first().getByRole("link").press("End");
  await focused(row(page, "Wegmans, Worcester 0062").getByRole("link"));
  // Where the rows before are seen on the way, they are asked for as well.
  assert(queries.filter((query) => query === lastSites).length > 1, queries.join());
});

pageTest("what is typed at the end of a list does not extend the list of before", { sites }, async ({ page }) => {
  await page.getByText("5,001 sites").waitFor();
  await page.locator(".row").first().getByRole("link").press("End");
  await focused(row(page, "Wegmans, Worcester 0062").getByRole("link"));
  const queries = await watchLists(page, () => Promise.resolve());
  await page.getByRole("searchbox").fill("kroger");
  await row(page, "Kroger, Boston 0001").waitFor();
  // The page may still be asking for the rows before the last ones.
  assertEquals(queries.find((query) => query.startsWith("q=")), "q=kroger&limit=500");
});

pageTest("End goes to the end of what is typed, before it was searched for and after", { sites }, async ({ page }) => {
  await page.getByText("5,001 sites").waitFor();
  // The search that typing begins after a while, and the one for the last sites, in either order.
  const both = Promise.withResolvers<void>();
  let asked = 0;
  await watchLists(page, async (query) => {
    if (++asked === 2) both.resolve();
    if (query.has("last")) await both.promise;
  });
  await page.getByRole("searchbox").fill("kroger");
  await page.locator(".row").first().getByRole("link").press("End");
  await focused(row(page, "Kroger, Worcester 0062").getByRole("link"));
});
