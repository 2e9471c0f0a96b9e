/**
 * The page in a browser, as people use it. Skipped, with a line that says why, where there is no Chromium.
 */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { OpenPage, whyNoBrowser } from "./browser.ts";
import { NotExecutedError } from "../../src/net/client/session.ts";
import { batchOf } from "../net/raw_client.ts";
import { firstSite, narrow, pageTest, placeIn, row, shown } from "./opened.ts";
import { PageStage, strangerId } from "./stage.ts";

if (whyNoBrowser !== undefined) console.log(`The tests of the page in a browser are skipped: ${whyNoBrowser}`);

function card(page: Page, name: string) {
  return page.getByRole("article", { name });
}

// ---- Sites ----

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
  assertEquals(await page.locator(".history tbody tr").count(), 5);
  await stage.client.set(firstSite, 77);
  await page.locator(".history tbody tr").nth(5).waitFor();
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

// ---- Cluster ----

pageTest(
  "a replica is killed and restarted, and the view changes as one watches",
  { token: true },
  async ({ page }) => {
    await page.getByRole("link", { name: "Cluster" }).click();
    await card(page, "Replica 1").getByRole("button", { name: "Kill" }).click();
    await card(page, "Replica 1").getByText("failed", { exact: true }).waitFor();
    await page.getByText("View 2: Replica 0, replica 2").waitFor();
    await page.getByText("1more may fail").waitFor();
    await card(page, "Replica 1").getByRole("button", { name: "Restart" }).click();
    await card(page, "Replica 1").getByText("up", { exact: true }).waitFor();
    await page.getByText("View 3: Replica 0, replica 1, replica 2").waitFor();
    assertEquals(new URL(page.url()).hash.includes("token"), false);
  },
);

pageTest("who kills and restarts a replica by keyboard stays at it", { token: true }, async ({ page }) => {
  await page.getByRole("link", { name: "Cluster" }).click();
  const focused = card(page, "Replica 1").locator("button:focus");
  await card(page, "Replica 1").getByRole("button", { name: "Kill" }).focus();
  for (const [text, next] of [["Kill", "Restart"], ["Restart", "Kill"]]) {
    await focused.getByText(text, { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await card(page, "Replica 1").getByRole("button", { name: next }).waitFor();
    await focused.getByText(next, { exact: true }).waitFor();
  }
});

pageTest("a replica that hangs is not called up, and can be killed", { token: true }, async ({ page, stage }) => {
  stage.cluster.hung.add(1);
  await page.getByRole("link", { name: "Cluster" }).click();
  await card(page, "Replica 1").getByText("no answer", { exact: true }).waitFor();
  await page.getByText("1more may fail; 1 gives no answer").waitFor();
  assertEquals(await card(page, "Replica 1").getByRole("button").allTextContents(), ["Kill"]);
  // The last one of those that answer is kept, and one that hangs can go.
  stage.cluster.hung.add(2);
  await page.getByText("0more may fail; 2 give no answer").waitFor();
  assertEquals(await card(page, "Replica 0").getByRole("button", { name: "Kill" }).isDisabled(), true);
  await card(page, "Replica 1").getByRole("button", { name: "Kill" }).click();
  await card(page, "Replica 1").getByText("failed", { exact: true }).waitFor();
  assertEquals(await card(page, "Replica 1").getByRole("button").allTextContents(), ["Restart"]);
  // For a screen reader, each button has a name of its own, and what is said is said once.
  for (const name of ["Kill replica 0", "Restart replica 1", "Kill replica 2"]) {
    await page.getByRole("button", { name, exact: true }).waitFor();
  }
  assertEquals(await card(page, "Replica 1").locator(".reason").count(), 0);
});

pageTest("a replica that hangs is seen to, however long a request waits for it", {}, async ({ page, stage }) => {
  // No request becomes stable while it hangs.
  await page.route(/\/api\/status(?!\?probe=false)/, () => {});
  await page.getByRole("link", { name: "Cluster" }).click();
  await card(page, "Replica 1").getByText("up", { exact: true }).waitFor();
  stage.cluster.hung.add(1);
  await card(page, "Replica 1").getByText("no answer", { exact: true }).waitFor();
  const colour = (name: string) =>
    page.evaluate(`getComputedStyle(document.querySelector('[aria-label="${name}"] .state')).color`);
  assert(await colour("Replica 1") !== await colour("Replica 0"));
  assertEquals(await card(page, "Replica 1").locator(".progress").count(), 0);
});

pageTest("what waits at a replica is shown in order, with what it waits for", {}, async ({ page, stage }) => {
  const request = { client: strangerId, seq: 7, ts: 41, end: false, count: 1, lacks: [], waitsFor: 0 };
  const commands = batchOf({ kind: "set", name: "Lynn", value: 5, recordedAt: 1 });
  stage.cluster.waiting = [
    { ...request, commands },
    { ...request, seq: 8, ts: 43, count: 300, commands, lacks: [0, 2], waitsFor: 2 },
    ...Array.from(
      { length: 10 },
      (_, at) => ({ ...request, seq: 9 + at, ts: 50 + at, count: 9, commands: new Uint8Array() }),
    ),
  ];
  await page.getByRole("link", { name: "Cluster" }).click();
  const rows = card(page, "Replica 1").getByRole("list").getByRole("listitem");
  await rows.nth(6).waitFor();
  // A second response tells the page which client the gateway is.
  await page.getByText(/^This gateway is client a{6}, idle/).waitFor();
  const texts = (await rows.allTextContents()).map((text) => text.replaceAll(/\s+/g, " ").trim());
  assertEquals(texts.slice(0, 3), [
    '41·4f2a9c set "Lynn" 5 agreed stable',
    '43·4f2a9c set "Lynn" 5 and 299 more no word from replicas 0, 2 waiting for 4f2a9c, this gateway',
    "50·4f2a9c 9 commands agreed stable",
  ]);
  assertEquals(texts.at(-1), "and 6 more");
  await card(page, "Replica 1").getByText(/^Heard: 4f2a9c up to \d+, this gateway up to \d+$/).waitFor();

  await page.getByRole("button", { name: "Hold" }).click();
  stage.cluster.waiting = [];
  await page.getByText(/^Held at/).waitFor();
  assertEquals(await rows.count(), 7);
  await page.getByRole("button", { name: "Continue" }).click();
  await card(page, "Replica 1").getByText("Nothing is waiting").waitFor();
});

pageTest("while it is held, the cluster says so, and nothing acts on it", { token: true }, async ({ page, stage }) => {
  await page.getByRole("link", { name: "Cluster" }).click();
  await page.getByText(/^Seen at/).waitFor();
  await page.getByRole("button", { name: "Hold" }).click();
  await page.getByText(/^Held at [\d:]+\. Continue to see what happens now, and to kill/).waitFor();
  await page.getByText("Nothing had happened until then.").waitFor();
  await stage.cluster.ask({ what: "kill", slot: 1 });
  const actions = page.getByRole("button", { name: /Kill|Restart|Add/ });
  assertEquals(await actions.count(), 4);
  for (const action of await actions.all()) assertEquals(await action.isDisabled(), true);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Replica 1: up → failed").waitFor();
  assertEquals(await card(page, "Replica 1").getByRole("button", { name: "Restart" }).isDisabled(), false);
});

for (const viewport of [{ width: 1280, height: 800 }, narrow.viewport]) {
  const name = `under load nothing moves under the pointer at ${viewport.width} px`;
  pageTest(name, { viewport, token: true }, async ({ page, stage }) => {
    stage.cluster.memory.submitted = 1_234_567_890;
    await page.getByRole("link", { name: "Cluster" }).click();
    await card(page, "Replica 2").getByText("Nothing is waiting").waitFor();
    const part = page.getByRole("region", { name: "Cluster" });
    const place = () => placeIn(part, card(page, "Replica 2").getByRole("button", { name: "Kill" }));
    const before = await place();
    const request = { client: strangerId, ts: 41, end: false, count: 9, commands: new Uint8Array() };
    stage.cluster.waiting = Array.from({ length: 9 }, (_, seq) => ({ ...request, seq, lacks: [], waitsFor: 2 }));
    await card(page, "Replica 2").getByText("and 3 more").waitFor();
    assertEquals(await place(), before);
    const isCut = '[...document.querySelectorAll(".figures, .vitals")].some((it) => it.scrollWidth > it.clientWidth)';
    assertEquals(await page.evaluate(isCut), false);
  });
}

pageTest("without a token nothing can be killed", {}, async ({ page }) => {
  await page.getByRole("link", { name: "Cluster" }).click();
  await card(page, "Replica 2").waitFor();
  assertEquals(await page.getByRole("button", { name: /Kill|Restart|Add/ }).count(), 0);
  await page.getByText("Changes of the replicas and of the view appear here.").waitFor();
  assertEquals(await page.getByText(/Kill a replica, and watch/).count(), 0);
  await page.getByText("You can only watch the cluster from here. To kill and restart replicas,").waitFor();
});

pageTest("a token that is wrong is dropped, and the right one taken from its link", {}, async ({ page, stage }) => {
  await page.evaluate('location.hash = "#token=wrong&/cluster"');
  await card(page, "Replica 1").getByRole("button", { name: "Kill" }).click();
  await page.getByText("Not done: this tab has the token of other servers").waitFor();
  await page.getByText("You can only watch the cluster from here. To kill and restart replicas,").waitFor();
  assertEquals(await page.getByRole("button", { name: /Kill|Add/ }).count(), 0);
  await page.evaluate(`location.hash = "#token=${stage.cluster.token}&/cluster"`);
  await card(page, "Replica 1").getByRole("button", { name: "Kill" }).click();
  await card(page, "Replica 1").getByText("failed", { exact: true }).waitFor();
  assertEquals(new URL(page.url()).hash, "#/cluster");
});

// ---- How it works ----

pageTest("a command is followed, step by step, back, and forth again", {}, async ({ page }) => {
  await page.getByRole("link", { name: "How it works" }).click();
  await card(page, "Client c1").getByRole("button", { name: "Submit" }).click();
  await page.getByText("You ask c1 to set the register to 40.").waitFor();
  const step = page.getByRole("button", { name: "A step", exact: true });
  for (let count = 0; count < 8; count++) await step.click();
  await page.locator(".where").getByText("9").first().waitFor();
  const words = await page.locator(".words").textContent();
  await page.getByRole("button", { name: "A step back" }).click();
  await page.getByText("8 of 9").waitFor();
  await step.click();
  await page.getByText("9 of 9").waitFor();
  assertEquals(await page.locator(".words").textContent(), words);
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByLabel("Pace").selectOption("15");
  await page.getByText("Nothing is under way: it is your turn.").waitFor();
  for (const name of ["Replica r0", "Replica r1", "Replica r2"]) {
    assertEquals(await card(page, name).locator(".figures strong").textContent(), "40");
  }
});

pageTest("a replica of a lesson crashes in the middle, and the others agree all the same", {}, async ({ page }) => {
  await page.getByRole("link", { name: "How it works" }).click();
  await page.getByRole("button", { name: "A replica fails" }).click();
  await page.getByLabel("Pace").selectOption("15");
  await card(page, "Replica r1").getByText("failed").waitFor();
  await page.getByText("Nothing is under way: it is your turn.").waitFor();
  const held = ["Replica r0", "Replica r2"].map((name) => card(page, name).locator(".figures").textContent());
  const [one, other] = await Promise.all(held);
  assertEquals(one, other);
  await card(page, "Replica r0").getByText("Members: r0, r2").waitFor();
});

// ---- All parts ----

pageTest("all can be done by keyboard alone", { sites: 20, token: true }, async ({ page, stage }) => {
  await row(page, firstSite).waitFor();
  const { keyboard } = page;
  await keyboard.press("/");
  await keyboard.type("harv");
  await page.getByText("1 found", { exact: true }).waitFor();
  // Over ZIP, two filters and the button to the list.
  for (let count = 0; count < 5; count++) await keyboard.press("Tab");
  assertEquals(await page.evaluate("document.activeElement.textContent"), firstSite);
  await keyboard.press("e");
  await page.getByLabel(`Availability of ${firstSite}`).waitFor();
  await page.locator(".edit input:focus").waitFor();
  await keyboard.type("5");
  await keyboard.press("Enter");
  await row(page, firstSite).getByRole("button", { name: "5, edit" }).waitFor();
  assertEquals(await shown(stage), 5);
  await page.locator(".row a:focus").waitFor();
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: firstSite }).waitFor();
  await page.evaluate('location.hash = "#/lesson"');
  await card(page, "Client c1").waitFor();
  await page.evaluate("document.activeElement.blur()");
  await card(page, "Client c1").getByRole("button", { name: "Submit" }).press("Enter");
  await page.getByText("You ask c1 to set the register to 40.").waitFor();
  await page.evaluate("document.activeElement.blur()");
  await keyboard.press("ArrowRight");
  await page.getByText("2 of 2").waitFor();
  await keyboard.press("ArrowLeft");
  await page.getByText("1 of 2").waitFor();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [{ width: 1280, height: 800 }, narrow.viewport]) {
    const options = { sites: 50, token: true, colorScheme, viewport };
    pageTest(`every part fits ${viewport.width} px and can be read, ${colorScheme}`, options, async ({ page }) => {
      const ready = [
        ["#/sites", ".row"],
        ["#/sites/Harvard%20University", ".history"],
        ["#/cluster", "article"],
        ["#/lesson", ".card"],
      ];
      for (const [hash, selector] of ready) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
        await page.locator(selector).first().waitFor();
        assertEquals(await page.evaluate("document.documentElement.scrollWidth"), viewport.width, hash);
        assertEquals(await page.evaluate(poorContrast), [], hash);
      }
    });
  }
}

pageTest("the bar fits 360 px also while the page is reconnecting", narrow, async ({ page }) => {
  await page.route("**/api/events", (route) => route.abort());
  await page.reload();
  await page.getByText("Reconnecting").waitFor();
  assertEquals(await page.evaluate("document.documentElement.scrollWidth"), narrow.viewport.width);
});

/** Texts whose contrast with what they stand on is below 4.5 to 1 (3 to 1 where they are large), as WCAG AA has it. */
const poorContrast = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    const isOff = element.matches(":disabled, [aria-disabled=true], :disabled *");
    if (text === "" || isOff || element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const grounds = [];
    for (let at = element; at !== null; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
    const ground = light(over(grounds));
    const ink = light(over([...grounds, style.color]));
    const ratio = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(text.slice(0, 30) + ": " + ratio.toFixed(2));
  }
  return found;
})()`;
