/**
 * Pictures of all parts of the page, wide and narrow, dark and light, for a person to look at:
 * `deno run -A tests/page/screens_main.ts DIR`. The one of the docs, `page.png`, is among them.
 *
 * @module
 */

import type { BrowserContextOptions, Page } from "playwright-core";
import { OpenPage } from "./browser.ts";
import { chooseCsv } from "./opened.ts";
import { PageStage } from "./stage.ts";

const day = 86_400_000;

/** A history that has everything in it: counts, gaps, a report that came late. */
async function makeHistory({ client }: PageStage, name: string): Promise<void> {
  const now = Date.now();
  const reports = [[9, 120], [8.2, 96], [7.5, 64], [6.8, "unknown"], [6, 30], [5.1, 12], [4.4, 0], [3.2, 150], [
    2.2,
    118,
  ], [
    0.9,
    74,
  ]] as const;
  for (const [days, value] of reports) {
    await client.set(name, value, { observedAt: now - days * day, who: "Ana, front desk", unit: "doses" });
  }
  await client.set(name, 88, { observedAt: now - 5.6 * day, who: "nightly import", source: "feed", note: "came late" });
  await client.set(name, 61, { observedAt: now - 125_000, who: "Ana, front desk", unit: "doses", note: "until six" });
  await client.document(name, document);
}

/** What a feed says of a site. */
const document = JSON.stringify({
  location: {
    resourceType: "Location",
    id: "loc-1",
    address: { line: ["263 Washington St"], city: "Boston", state: "MA" },
    telecom: [{ system: "phone", value: "617-555-0123" }, { system: "url", value: "https://pharmacy.example/0001" }],
  },
  slots: [{
    resourceType: "Slot",
    extension: [{
      url: "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-deep-link",
      valueUrl: "https://pharmacy.example/book?store=0001",
    }],
  }],
});

/** A file with lines that are right, that were repaired, and that are refused. */
const csv = `Site Name,ZIP Code,Availability,Unit,Note
"CVS, Boston 0001",2064,35,doses,after the delivery
"A new clinic, Malden",02148,True,,walk in
"A newer clinic, Medford",02155,many,,
"CVS, Cambridge 0001",99999,3,doses,
`;

const longName = "A community vaccination centre at the Old Town Hall, Upper Floor, Entrance B, beside the library";

/** A history in two units, with large numbers, of a site whose name is long. */
async function makeLongSite({ client }: PageStage): Promise<void> {
  await client.add(longName, "02138");
  const reports = [[40, 1_250_000, "doses"], [30, 900_000, "appointments"], [20, true], [
    10,
    1_000_000,
    "doses",
  ]] as const;
  for (const [days, value, unit] of reports) {
    await client.set(longName, value, { observedAt: Date.now() - days * day, unit });
  }
}

const shots: Readonly<Record<string, (page: Page, stage: PageStage) => Promise<unknown>>> = {
  sites: async (page) => {
    await page.locator(".row").first().waitFor();
  },
  editing: async (page) => {
    await page.locator(".row", { hasText: longName }).getByRole("button").click();
    await page.locator(".edit select").waitFor();
  },
  conflict: async (page, { client }) => {
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "130, edit" }).first().click();
    await page.getByLabel("Availability of CVS, Cambridge 0001").fill("125");
    await client.set("CVS, Cambridge 0001", 12);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Somebody set it to").waitFor();
  },
  dialog: async (page) => {
    await page.getByRole("button", { name: /^Keep/ }).click();
    await page.getByRole("button", { name: "Add a site" }).click();
    await page.getByRole("button", { name: "Add", exact: true }).waitFor();
  },
  site: async (page) => {
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.evaluate('location.hash = "#/sites/CVS%2C%20Boston%200001"');
    await page.locator(".plot canvas").waitFor();
  },
  sources: async (page, { client }) => {
    const [name, observedAt] = ["CVS, Cambridge 0001", Date.now() - 3 * 3_600_000];
    await client.set(name, true, { source: "a visitor", observedAt: observedAt - 2 * day });
    const store = { unit: "doses", source: "https://pharmacy.example/$bulk-publish" } as const;
    await client.set(name, 30, { ...store, product: "208", observedAt });
    await client.set(name, 30, { ...store, product: "208", confirms: true, observedAt: observedAt + 7_200_000 });
    await client.set(name, 12, { ...store, product: "Novavax 2026", observedAt });
    await page.evaluate('location.hash = "#/sites/CVS%2C%20Cambridge%200001"');
    await page.locator(".sources").waitFor();
    await page.getByRole("button", { name: "Report availability" }).click();
  },
  filtered: async (page) => {
    await page.evaluate('location.hash = "#/sites?product=208"');
    await page.getByText("1 found").waitFor();
    await page.evaluate('location.hash = "#/sites/CVS%2C%20Boston%200001?"');
    await page.locator(".plot canvas").waitFor();
  },
  undo: async (page) => {
    await page.getByRole("button", { name: "Report availability" }).click();
    await page.getByLabel("Availability of CVS, Boston 0001", { exact: true }).fill("48");
    await page.getByLabel("Note", { exact: true }).fill("after the lunch break");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Undo" }).waitFor();
  },
  report: async (page) => {
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Report availability" }).click();
  },
  meant: async (page) => {
    await page.evaluate('location.hash = "#/sites/Harverd%20Univercity"');
    await page.getByText("Did you mean").waitFor();
  },
  latest: async (page) => {
    await page.evaluate('location.hash = "#/latest"');
    await page.locator(".latest li").first().waitFor();
  },
  upload: async (page) => {
    await page.evaluate('location.hash = "#/sites"');
    await chooseCsv(page, csv);
    await page.getByText("What will be reported").waitFor();
  },
  units: async (page) => {
    await page.keyboard.press("Escape");
    await page.evaluate(`location.hash = "#/sites/${encodeURIComponent(longName)}"`);
    await page.getByRole("heading", { name: longName }).waitFor();
    await page.locator(".plot canvas").waitFor();
  },
  cluster: async (page) => {
    await page.evaluate('location.hash = "#/cluster"');
    await page.getByRole("button", { name: "Kill" }).nth(1).click();
    await page.getByText("failed").first().waitFor();
  },
  lesson: async (page) => {
    const { width } = page.viewportSize()!;
    await page.setViewportSize({ width, height: width === 390 ? 2_600 : 1_250 });
    await page.evaluate('location.hash = "#/lesson"');
    await page.getByRole("button", { name: "A replica fails" }).click();
    await page.getByRole("button", { name: "Pause" }).click();
    for (let step = 0; step < 9; step++) await page.getByRole("button", { name: "A step", exact: true }).click();
    await page.locator(".message").nth(3).waitFor();
  },
  newcomer: async (page) => {
    await page.getByRole("button", { name: "A newcomer", exact: true }).click();
    await page.getByLabel("Pace").selectOption("15");
    await page.getByText("Nothing is under way").waitFor();
    for (let step = 0; step < 9; step++) await page.getByRole("button", { name: "A step back" }).click();
    await page.getByText("It knew that already").or(page.locator(".message").nth(4)).first().waitFor();
  },
};

/** The cluster without the token, while a replica hangs; and a number that is not saved, without the gateway. */
async function takeTrouble(folder: string, suffix: string, options: BrowserContextOptions): Promise<void> {
  await using stage = new PageStage();
  await stage.addSites(40);
  await using opened = await OpenPage.at(`${stage.url}#/cluster`, options);
  const { page } = opened;
  await page.getByText("Live", { exact: true }).waitFor();
  stage.cluster.hung.add(1);
  await page.getByText("no answer", { exact: true }).waitFor();
  await page.screenshot({ path: `${folder}/onlooker-${suffix}` });
  await page.getByRole("link", { name: "Sites" }).click();
  await page.locator(".row").nth(3).getByRole("button").click();
  await stage.stop();
  await page.getByText("Reconnecting").waitFor();
  await page.keyboard.type("40");
  await page.keyboard.press("Enter");
  await page.getByText("Not saved.").waitFor();
  await page.screenshot({ path: `${folder}/lost-${suffix}` });
}

const [folder] = Deno.args;
await Deno.mkdir(folder, { recursive: true });
for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    await using stage = new PageStage();
    await stage.addSites(400);
    await makeHistory(stage, "CVS, Boston 0001");
    await makeLongSite(stage);
    const options = { colorScheme, viewport: { width, height: width === 390 ? 844 : 800 } };
    await takeTrouble(folder, `${colorScheme}-${width}.png`, options);
    await using opened = await OpenPage.at(stage.urlWithToken, options);
    for (const [name, prepare] of Object.entries(shots)) {
      await prepare(opened.page, stage);
      await opened.page.waitForTimeout(600);
      await opened.page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png` });
    }
    if (opened.errors.length > 0) console.error(opened.errors.join("\n"));
  }
}

/** A view that ends in the middle of two commands: the picture in the docs. */
async function takeDocsPicture(path: string): Promise<void> {
  await using stage = new PageStage();
  await using opened = await OpenPage.at(`${stage.url}#/lesson`, { viewport: { width: 1200, height: 830 } });
  const { page } = opened;
  await page.getByRole("button", { name: "A replica fails", exact: true }).click();
  await page.getByLabel("Pace").selectOption("15");
  await page.getByText("Nothing is under way").waitFor();
  await page.getByLabel("Step", { exact: true }).fill("33");
  await page.getByText("33 of 40").waitFor();
  await page.evaluate("document.activeElement.blur()");
  await page.screenshot({ path, animations: "disabled" });
}

await takeDocsPicture(`${folder}/page.png`);
