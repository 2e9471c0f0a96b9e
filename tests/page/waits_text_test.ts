/** What the page says of what a replica waits for. */

import { assertEquals } from "@std/assert";
import { clientName, heardText, restText, sessionText, stageText, waitsText } from "../../src/http/page/waits_text.js";

const own = "a".repeat(32);
const ids = ["1", "2", "3", "4", "5"].map((digit) => digit.repeat(32));

Deno.test("clientName() tells clients apart, and knows the gateway", () => {
  assertEquals([clientName(ids[0], own), clientName(own, own)], ["111111", "this gateway"]);
});

Deno.test("waitsText() names a few clients, and says that there are more", () => {
  const text = (waitsFor: string[], andMore = false) => waitsText({ waitsFor, andMore }, own);
  assertEquals(text([own]), "waits for this gateway");
  assertEquals(text(ids.slice(0, 4)), "waits for 111111, 222222, 333333, 444444");
  assertEquals(text(ids), "waits for 111111, 222222, 333333, 444444 and 1 more");
  assertEquals(text(ids, true), "waits for 111111, 222222, 333333, 444444 and others");
});

Deno.test("heardText() says up to where each client was heard, and who is lost", () => {
  const heard = [{ client: ids[0], ts: 4, lost: true }, { client: own, ts: 9, lost: false }];
  assertEquals(heardText({}, own), undefined);
  assertEquals(heardText({ heard: [], active: 0 }, own), "No client may send");
  assertEquals(heardText({ heard, active: 2 }, own), "Heard: 111111 lost, this gateway up to 9");
  assertEquals(heardText({ heard, active: 3 }, own), "Heard: 111111 lost, this gateway up to 9 and others");
});

Deno.test("stageText(), restText() and sessionText() are sentences for one and for many", () => {
  assertEquals(stageText({ stage: "reports", from: [1] }), "Ends the view; waits for the reports of replica 1");
  assertEquals(
    stageText({ stage: "clones", from: [1, 2] }),
    "Ends the view; waits for the word of the newcomers of replicas 1, 2",
  );
  assertEquals([restText(1, 0), restText(2_000, 0), restText(1, 6)], [
    "1 request waits",
    "2,000 requests wait",
    "and 1 more",
  ]);
  const session = { client: own, mode: "active", clock: 1_234 };
  assertEquals(sessionText(session), "This gateway is client aaaaaa, active, clock 1,234; it waits for nothing.");
  assertEquals(
    sessionText({ ...session, waitsFor: { what: "acks", from: [0, 2] } }),
    "This gateway is client aaaaaa, active, clock 1,234; it waits for the acknowledgements of replicas 0, 2.",
  );
});
