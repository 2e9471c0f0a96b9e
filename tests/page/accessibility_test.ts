/**
 * What axe-core, a program that knows the rules of WCAG and good practice, finds in each part of the page: nothing.
 */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { nodeAnswer } from "../engine/node_answers.ts";
import { chooseCsv, firstSite, type Opened, pageTest, row } from "./opened.ts";

/** What axe-core says of a rule that is broken. */
interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** The faults of the page as it is, a line for each element. */
async function violationsIn(page: Page): Promise<string[]> {
  // It asks for the environment when it is loaded, so it is loaded only where a browser is.
  const { default: axe } = await import("axe-core");
  // The policy of the page forbids scripts of others, but not what its browser is told to run.
  const found = await page.evaluate(`${axe.source}; axe.run({ resultTypes: ["violations"] })`);
  const { violations } = found as { violations: readonly Violation[] };
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`));
}

/** Goes to a part of the page. */
async function goTo(page: Page, hash: string, selector: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await page.locator(selector).first().waitFor();
}

const site = `#/sites/${encodeURIComponent(firstSite)}`;
const csv = "Site Name,ZIP Code,Availability\nHarvard University,02138,7\nNew,02138,many\n";

/** Each part, and how to come there. */
const parts: Readonly<Record<string, (opened: Opened) => Promise<unknown>>> = {
  "the list": ({ page }) => row(page, firstSite).waitFor(),
  "the edit form": async ({ page }) => {
    await page.locator(".row").first().getByRole("button").click();
    await page.locator(".edit select").waitFor();
  },
  "the refusal of what was typed": async ({ page }) => {
    await page.keyboard.type("many");
    await page.keyboard.press("Enter");
    await page.locator(".edit .trouble").waitFor();
    await page.keyboard.press("Escape");
  },
  "the latest changes": ({ page }) => goTo(page, "#/latest", ".latest"),
  "a site": ({ page }) => goTo(page, site, ".plot canvas"),
  "the edit of a site": async ({ page }) => {
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByRole("dialog").waitFor();
  },
  "the sources of a site": async ({ page, stage: { client } }) => {
    await page.keyboard.press("Escape");
    await client.set(firstSite, 30, { unit: "doses", source: "store", product: "208", observedAt: 5 });
    await goTo(page, site, ".sources");
  },
  "all filters": ({ page }) => goTo(page, "#/sites?product=208", ".more[open]"),
  "a site again": ({ page }) => goTo(page, `${site}?`, ".plot canvas"),
  "the undo": async ({ page }) => {
    await page.getByRole("button", { name: "Report availability" }).click();
    await page.getByLabel(`Availability of ${firstSite}`, { exact: true }).fill("31");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Undo" }).waitFor();
  },
  "taking a report back": async ({ page }) => {
    await page.getByRole("button", { name: /^Take back entry/ }).first().click();
    await page.getByRole("dialog").waitFor();
  },
  "a redaction": async ({ page }) => {
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Redact entry/ }).first().click();
    await page.getByRole("dialog").waitFor();
  },
  "the upload": async ({ page }) => {
    await page.keyboard.press("Escape");
    await goTo(page, "#/sites", ".row");
    await chooseCsv(page, csv);
    await page.getByRole("button", { name: "Report 1 site" }).waitFor();
  },
  "the cluster": ({ page }) => goTo(page, "#/cluster", "article"),
  "the cluster of nodes": async ({ page, stage: { cluster } }) => {
    cluster.nodes = [nodeAnswer(0), nodeAnswer(1, { halted: "It differs" })];
    await page.getByRole("heading", { name: "Engine", exact: true }).waitFor();
    await page.getByRole("article", { name: "Member http://127.0.0.1:2379" }).waitFor();
    cluster.nodes = undefined;
  },
  "the lessons": async ({ page }) => {
    await goTo(page, "#/lesson", ".card");
    await page.getByRole("button", { name: "A replica fails" }).click();
    await page.getByLabel("Pace").selectOption("15");
    await page.getByText("Nothing is under way: it is your turn.").waitFor();
  },
};

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    const options = { sites: 30, token: true, colorScheme, viewport: { width, height: 844 } };
    pageTest(`axe-core finds nothing at ${width} px, ${colorScheme}`, options, async (opened) => {
      const { page, stage } = opened;
      await stage.client.set(firstSite, 30, { unit: "doses", observedAt: Date.now() - 3 * 86_400_000 });
      await stage.client.set(firstSite, 5, { observedAt: Date.now() - 4 * 86_400_000, note: "by telephone" });
      const found: string[] = [];
      for (const [name, come] of Object.entries(parts)) {
        await come(opened);
        found.push(...(await violationsIn(page)).map((line) => `${name}: ${line}`));
      }
      assertEquals(found, []);
    });
  }
}

pageTest("axe-core finds what is wrong, where something is", {}, async ({ page }) => {
  await row(page, firstSite).waitFor();
  await page.evaluate('document.querySelector("input[type=search]").removeAttribute("aria-label")');
  await page.evaluate('document.querySelector("input[type=search]").removeAttribute("placeholder")');
  assertEquals((await violationsIn(page)).map((line) => line.split(":")[0]), ["label"]);
});
