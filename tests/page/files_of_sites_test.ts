/** Files of sites: what the list finds, to download, and a file that is looked at before it is reported. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { chooseCsv, firstSite, pageTest, row, shown } from "./opened.ts";

const head = "Site Name,ZIP Code,Availability,Unit\n";

pageTest("what the list finds is downloaded", { sites: 20 }, async ({ page }) => {
  await page.getByRole("searchbox").fill("harv");
  await page.getByText("1 found", { exact: true }).waitFor();
  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download CSV" }).click();
  const download = await coming;
  assertEquals(download.suggestedFilename(), "vaxlog-sites.csv");
  const text = await new Response(ReadableStream.from(await download.createReadStream())).text();
  assertEquals(text.trimEnd().split("\n").slice(1), [`0,02138,${firstSite},,,,,,,`]);
});

pageTest("a file is shown with all that is wrong with it, and reported only then", {}, async ({ page, stage }) => {
  await page.getByLabel("available only").waitFor();
  await chooseCsv(
    page,
    `${head}${firstSite},02138-1234,35,doses\nNew,02139,True,\nNew,02139,True,\n${firstSite},99999,1,\n` +
      "Lost,02138,many,\n",
  );
  const dialog = page.getByRole("dialog");
  const lines = dialog.getByRole("region", { name: "Repaired, kept or refused" }).locator("tbody tr");
  await lines.nth(2).waitFor();
  const texts = await lines.allTextContents();
  const [numbers, effects] = await Promise.all(
    [0, 1].map((at) => lines.locator(`td:nth-child(${at + 1})`).allTextContents()),
  );
  assertEquals([numbers, effects], [["5", "6", "2"], ["refused", "refused", "repaired"]]);
  assertStringIncludes(texts[0], "it is there with the ZIP code 02138, and this one has 99999");
  assertEquals(await dialog.locator(".plan li").allTextContents(), [
    "4 records read, 1 repair made, 2 refused",
    "1 site is new",
    "1 record changes its site",
    "1 record says what is known already",
  ]);
  assertEquals(stage.cluster.memory.sites.lastEntry, 1);
  await dialog.getByRole("button", { name: "Report 2 sites" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Reported 2 sites", { exact: true }).waitFor();
  await row(page, firstSite).getByRole("button", { name: "35 doses, edit" }).waitFor();
  await row(page, "New").getByRole("button", { name: "True, edit" }).waitFor();
  assertEquals(await shown(stage), 35);
});

pageTest("what the database refuses of a file meanwhile is told by line", {}, async ({ page, stage }) => {
  await page.getByLabel("available only").waitFor();
  await chooseCsv(page, `${head}${firstSite},02138,35,doses\nNew,02139,7,\n`);
  await page.getByRole("button", { name: "Report 2 sites" }).waitFor();
  await stage.client.retire(firstSite, "closed");
  await page.getByRole("button", { name: "Report 2 sites" }).click();
  await page.getByText("Reported, except 1 change that the database refused").waitFor();
  assertStringIncludes((await page.getByRole("dialog").locator("tbody tr").textContent())!, `${firstSite}: The site`);
  assertEquals(await page.getByRole("button", { name: /^Report/ }).count(), 0);
  await page.getByRole("button", { name: "Close" }).click();
  await row(page, "New").waitFor();
});

pageTest("a file with nothing to report offers nothing", {}, async ({ page, stage }) => {
  const observedAt = Date.now() - 1_000;
  await stage.client.set(firstSite, 7, { observedAt });
  await row(page, firstSite).getByRole("button", { name: "7, edit" }).waitFor();
  const time = new Date(observedAt).toISOString();
  await chooseCsv(page, `Site Name,ZIP Code,Availability,Observed At\n${firstSite},02138,7,${time}\n`);
  await page.getByText("There is nothing to report.").waitFor();
  assertEquals(await page.getByRole("button", { name: /^Report/ }).count(), 0);
  await page.getByLabel("CSV file").setInputFiles([]);
  await page.getByText("There is nothing to report.").waitFor({ state: "detached" });
});

pageTest(
  "a gateway that is gone while a file is sent leaves the outcome unknown, and the file may be sent again",
  {},
  async (
    opened,
  ) => {
    const { page, stage } = opened;
    await page.getByLabel("available only").waitFor();
    await chooseCsv(page, `${head}${firstSite},02138,35,doses\n`);
    const button = page.getByRole("button", { name: "Report 1 site" });
    await button.waitFor();
    await stage.stop();
    await button.click();
    await page.getByText(/0 changes are done, and it is not known whether some of the others are/).waitFor();
    stage.start();
    await page.getByText("Live", { exact: true }).waitFor();
    await button.click();
    await row(page, firstSite).getByRole("button", { name: "35 doses, edit" }).waitFor();
  },
);
