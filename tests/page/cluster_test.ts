/**
 * The cluster in a browser: replicas are killed, hang and come back.
 */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { batchOf } from "../net/raw_client.ts";
import { narrow, pageTest, placeIn } from "./opened.ts";
import { strangerId } from "./stage.ts";

function card(page: Page, name: string) {
  return page.getByRole("article", { name });
}

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

const history = {
  segments: 412,
  bytes: 512_000_000,
  unsealedBytes: 0,
  freeBytes: 40_000_000_000,
  diskBytes: 100_000_000_000,
  damaged: 0,
  damages: [],
  failure: undefined,
};

pageTest("damage is shown until it is healed, and does not count meanwhile", { token: true }, async (opened) => {
  const { page, stage: { cluster } } = opened;
  const damages = ["Block 0 of segment 2 is damaged. It is fetched from another replica"];
  for (const slot of [0, 1, 2]) cluster.histories.set(slot, history);
  await page.getByRole("link", { name: "Cluster" }).click();
  await page.getByText("2more may fail", { exact: true }).waitFor();
  await page.getByText("The disk is 60 % full: 40 GB are free").waitFor();
  await card(page, "Replica 1").getByText("412 segments, 512 MB", { exact: true }).waitFor();
  cluster.histories.set(1, { ...history, damaged: 1, damages });
  await page.getByText("1more may fail; 1 lacks history").waitFor();
  await card(page, "Replica 1").getByText("up, lacks history", { exact: true }).waitFor();
  await card(page, "Replica 1").getByText(damages[0]).waitFor();
  await page.getByText("Replica 1: up → up, lacks history").waitFor();
  // The last one that has all is kept; one that lacks something can go.
  cluster.histories.set(2, { ...history, damaged: 1, damages, freeBytes: 9_000_000_000, unsealedBytes: 70_000_000 });
  await page.getByText("0more may fail; 2 lack history").waitFor();
  await page.getByRole("alert").getByText("The disk is 91 % full: 9 GB are free; make room").waitFor();
  await card(page, "Replica 2").getByText("412 segments, 512 MB; 70 MB wait", { exact: true }).waitFor();
  const isCut = '[...document.querySelectorAll(".figures, .vitals")].some((it) => it.scrollWidth > it.clientWidth)';
  assertEquals(await page.evaluate(isCut), false);
  assertEquals(await card(page, "Replica 0").getByRole("button", { name: "Kill" }).isDisabled(), true);
  assertEquals(await card(page, "Replica 1").getByRole("button", { name: "Kill" }).isDisabled(), false);
  for (const slot of [1, 2]) cluster.histories.set(slot, history);
  await page.getByText("2more may fail", { exact: true }).waitFor();
  await page.getByText("Replica 1: up, lacks history → up").waitFor();
});

pageTest("a newcomer that fetches history says how far it is", { token: true }, async ({ page, stage }) => {
  stage.cluster.newcomer = { fetched: 37, fetchMs: 236_000 };
  await page.getByRole("link", { name: "Cluster" }).click();
  await card(page, "Replica 3").getByText("fetching history, 37 %, about 4 min", { exact: true }).waitFor();
  stage.cluster.newcomer = { restored: 12 };
  await page.getByText("Replica 3: fetching history → restoring").waitFor();
});

pageTest("a cluster that refuses every change is not shown as well", {}, async ({ page, stage }) => {
  await page.getByRole("link", { name: "Cluster" }).click();
  await page.getByText("ms for a request", { exact: true }).waitFor();
  stage.cluster.logBytes = 2 ** 30 + 1;
  await page.getByText("ms for a request; every change is refused").waitFor();
  await page.getByRole("alert").getByText("The log is full (1024 of 1024 MiB), and every change is refused").waitFor();
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

pageTest(
  "what waits at a replica is shown in order, with what it waits for",
  { token: true },
  async ({ page, stage }) => {
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
  },
);

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
  await page.getByText("This tab had a token that the gateway does not know").waitFor();
  await page.getByText("You can only watch the cluster from here. To kill and restart replicas,").waitFor();
  assertEquals(await page.getByRole("button", { name: /Kill|Add/ }).count(), 0);
  await page.evaluate(`location.hash = "#token=${stage.cluster.token}&/cluster"`);
  await card(page, "Replica 1").getByRole("button", { name: "Kill" }).click();
  await card(page, "Replica 1").getByText("failed", { exact: true }).waitFor();
  assertEquals(new URL(page.url()).hash, "#/cluster");
});
