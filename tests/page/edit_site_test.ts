/** The dialog that changes what a site is called, where it is, and how others know it. */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { vtrcksSystem } from "../../src/database/vtrcks.ts";
import { firstSite, pageTest } from "./opened.ts";

/** Opens a site and its dialog. */
async function openDialog(page: Page, name = firstSite) {
  await page.evaluate(`location.hash = "#/sites/${encodeURIComponent(name)}"`);
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  return page.getByRole("dialog", { name: `Edit ${name}` });
}

pageTest("a site gets another name, ZIP code and PIN, and what stays is not sent", {}, async ({ page, stage }) => {
  const bodies: unknown[] = [];
  page.on("request", (request) => request.method() === "PATCH" && bodies.push(request.postDataJSON()));
  const dialog = await openDialog(page);
  await dialog.getByLabel("Name").fill("Harvard, Cambridge");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Harvard, Cambridge", exact: true }).waitFor();
  const again = await openDialog(page, "Harvard, Cambridge");
  await again.getByLabel("ZIP code").fill("02139");
  await again.getByLabel("VTrckS PIN").fill("nja001234");
  await again.getByLabel("VTrckS PIN").press("Enter");
  await page.locator(".facts").getByText("ZIP 02139").waitFor();
  const identifiers = [{ system: vtrcksSystem, value: "NJA001234" }];
  assertEquals(bodies, [{ name: "Harvard, Cambridge" }, { zip: "02139", identifiers }]);
  const [site] = await stage.client.find(identifiers[0]);
  assertEquals([site.id, site.name, site.zip], [1, "Harvard, Cambridge", "02139"]);
  const known = page.locator(".known");
  await known.getByText("id:1", { exact: true }).waitFor();
  await known.getByText("VTrckS PIN NJA001234", { exact: true }).waitFor();
  await stage.client.edit("id:1", { identifiers: [{ system: "store", value: "10402" }] });
  await known.getByText("store=10402", { exact: true }).waitFor();
  const last = await openDialog(page, "Harvard, Cambridge");
  assertEquals(await last.getByLabel("VTrckS PIN").inputValue(), "NJA001234");
  await last.getByRole("button", { name: "Save" }).click();
  await last.waitFor({ state: "detached" });
  assertEquals(bodies.length, 2);
});

pageTest("what a site cannot be called is refused in the dialog", { sites: 1 }, async ({ page, stage }) => {
  const dialog = await openDialog(page);
  await dialog.getByLabel("VTrckS PIN").fill("12");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText('Cannot take "12" as a VTrckS PIN').waitFor();
  await dialog.getByLabel("VTrckS PIN").fill("");
  const { name } = (await Array.fromAsync(stage.client.list())).flat().find(({ name }) => name !== firstSite)!;
  await dialog.getByLabel("Name").fill(name.toUpperCase());
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("alert").getByText(name).waitFor();
  assertEquals((await stage.client.view(firstSite)).kind, "site");
});
