/** The plot of a site's history, as it is drawn. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { firstSite, narrow, pageTest, row } from "./opened.ts";
import type { PageStage } from "./stage.ts";

const day = 86_400_000;

/** Notes where each text of a canvas stands, in its pixels. */
const noteTexts = `
  globalThis.drawn = [];
  const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const { width } = this.measureText(text);
    const { e, f } = this.getTransform();
    const left = this.textAlign === "right" ? x - width : this.textAlign === "center" ? x - width / 2 : x;
    drawn.push({ text, left: left + e, right: left + width + e, y: y + f, canvas: this.canvas.width });
    return fillText.apply(this, arguments);
  };
  CanvasRenderingContext2D.prototype.clearRect = function () {
    globalThis.drawn = [];
    return clearRect.apply(this, arguments);
  };
`;

interface Drawn {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly y: number;
  readonly canvas: number;
}

/** Opens a site. @returns the texts of its plot. */
async function textsOf(page: Page, name: string): Promise<readonly Drawn[]> {
  await page.evaluate(`drawn = []; location.hash = ${JSON.stringify(`#/sites/${encodeURIComponent(name)}`)}`);
  await page.getByRole("heading", { name, exact: true }).waitFor();
  await page.locator(".plot canvas").waitFor();
  await page.waitForFunction("drawn.length > 3");
  return await page.evaluate("drawn");
}

/** A site with reports over some days. */
async function addSite({ client }: PageStage, name: string, days: number, value: number): Promise<void> {
  await client.add(name, "02138");
  for (let at = 0; at < 4; at++) {
    await client.set(name, value - at * 1_000, { observedAt: Date.now() - (4 - at) * days * day / 4 });
  }
}

for (const viewport of [{ width: 1280, height: 800 }, narrow.viewport]) {
  pageTest(
    `the axes of a plot are whole at ${viewport.width} px`,
    { viewport, alone: true },
    async ({ page, stage }) => {
      const spans = [0.02, 1, 9, 400, 4_000];
      for (const days of spans) await addSite(stage, `Over ${days} days`, days, 1_000_000);
      await page.addInitScript(noteTexts);
      await page.reload();
      for (const days of spans) checkTexts(await textsOf(page, `Over ${days} days`));
    },
  );
}

/** Each text is whole, of its form, and runs into no other. */
function checkTexts(texts: readonly Drawn[]): void {
  const all = texts.map(({ text }) => text);
  assert(all.includes("1,000,000"), all.join());
  for (const { text, left, right, canvas } of texts) {
    assert(left >= 0 && right <= canvas, `${text}: ${left} to ${right} of ${canvas}`);
    assert(/^(\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?|[\d,]+)$/.test(text), text);
  }
  assert(all.some((text) => /^\d{4}-\d\d-\d\d$/.test(text)), all.join());
  const lines = Map.groupBy(texts.filter(({ text }) => /[-:]/.test(text)), ({ y }) => y);
  for (const line of lines.values()) {
    for (const [at, { text, left }] of line.entries()) {
      assert(at === 0 || left > line[at - 1].right + 4, `${line[at - 1]?.text} runs into ${text}`);
    }
  }
}

pageTest("each unit has a line of its own, and the legend says which", {}, async ({ page, stage }) => {
  const { client } = stage;
  const reports = [[100, "doses"], [7, "appointments"], [90, "doses"], [5, undefined], [true, undefined]] as const;
  for (const [at, [value, unit]] of reports.entries()) {
    await client.set(firstSite, value, { unit, observedAt: Date.now() - (9 - at) * day });
  }
  await client.set(firstSite, 3, { unit: "doses", observedAt: Date.now() - 8.5 * day });
  await row(page, firstSite).getByRole("link").click();
  const legend = page.getByRole("list", { name: "Lines of the plot" }).getByRole("listitem");
  await legend.nth(4).waitFor();
  assertEquals(await legend.allTextContents(), [
    "doses",
    "appointments",
    "count without a unit",
    "True: some, not counted",
    "reported late, never shown",
  ]);
  const colours = await legend.locator("svg > *").evaluateAll((all) => all.map((it) => `${it.getAttribute("style")}`));
  assertEquals(new Set(colours.slice(0, 3)).size, 3);
});
