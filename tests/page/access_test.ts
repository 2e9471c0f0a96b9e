/** What the page shows to people with different tokens. */

import { assertEquals } from "@std/assert";
import { firstSite, pageTest, row } from "./opened.ts";

pageTest(
  "without a token, the page says how to get one, and shows all with the link",
  { anonymous: "nothing" },
  async (opened) => {
    const { page, stage } = opened;
    await page.getByText("This gateway shows nothing without a token. Open the link that was printed").waitFor();
    assertEquals(await page.locator("#main *").count(), 0);
    await page.evaluate(`location.hash = "#token=${stage.cluster.token}"`);
    await row(page, firstSite).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    assertEquals(await page.getByText("without a token").count(), 0);
    // Events come with the token, and so does a download.
    await stage.client.set(firstSite, 22);
    await row(page, firstSite).getByRole("button", { name: "22, edit" }).waitFor();
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download CSV" }).click();
    assertEquals((await downloading).suggestedFilename(), "sites.csv");
    // Feed readers have no token.
    assertEquals(await page.getByRole("link", { name: "Feed" }).count(), 0);
  },
);

pageTest(
  "whoever may only read is told so, also when a change is refused",
  { anonymous: "read" },
  async ({ page, stage }) => {
    await page.getByText("Without a token, you can look at everything and change nothing.").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await row(page, firstSite).getByRole("button").click();
    await page.keyboard.type("7");
    await page.keyboard.press("Enter");
    await page.getByText("That needs a token with the role report").waitFor();
    assertEquals(stage.cluster.memory.sites.lastEntry, 1);
    await page.getByRole("link", { name: "Feed" }).waitFor();
  },
);
