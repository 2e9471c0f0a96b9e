/** What the page says of what a process waits for. */

import { assertEquals } from "@std/assert";
import {
  clientName,
  heardText,
  lacksText,
  replicasText,
  restText,
  sessionText,
  stageText,
  waitsText,
} from "../../src/http/page/waits_text.ts";

const own = "a".repeat(32);
const ids = ["1", "2", "3", "4", "5"].map((digit) => digit.repeat(32));
const nameOf = (client: string) => clientName(client, own);

Deno.test("clientName() tells clients apart, and knows the gateway", () => {
  assertEquals([nameOf(ids[0]), nameOf(own)], ["111111", "this gateway"]);
});

Deno.test("waitsText() names a few clients, and says that there are more", () => {
  const text = (clients: string[], andMore = false) => waitsText(clients.map(nameOf), andMore);
  assertEquals(text([own]), "waiting for this gateway");
  assertEquals(text(ids.slice(0, 4)), "waiting for 111111, 222222, 333333, 444444");
  assertEquals(text(ids), "waiting for 111111, 222222, 333333, 444444 and 1 more");
  assertEquals(text(ids, true), "waiting for 111111, 222222, 333333, 444444 and others");
});

Deno.test("lacksText() names the replicas whose word is missing", () => {
  assertEquals(lacksText(replicasText([0, 2])), "no word from replicas 0, 2");
});

Deno.test("heardText() says up to where each client was heard, and who is lost", () => {
  const heard = [{ client: ids[0], ts: 4, lost: true }, { client: own, ts: 9, lost: false }];
  assertEquals(heardText(undefined, undefined, nameOf), undefined);
  assertEquals(heardText([], 0, nameOf), "No client may send");
  assertEquals(heardText(heard, 2, nameOf), "Heard: 111111 lost, this gateway up to 9");
  assertEquals(heardText(heard, 3, nameOf), "Heard: 111111 lost, this gateway up to 9 and others");
});

Deno.test("stageText(), restText() and sessionText() are sentences for one and for many", () => {
  assertEquals(stageText("reports", "replica 1"), "Ending the view: waiting for reports from replica 1");
  assertEquals(
    stageText("clones", "replicas 1, 2"),
    "Ending the view: waiting for confirmation from newcomers: replicas 1, 2",
  );
  assertEquals([restText(1, 0), restText(2_000, 0), restText(1, 6)], [
    "1 request is waiting",
    "2,000 requests are waiting",
    "and 1 more",
  ]);
  const session = { client: own, mode: "active" as const, clock: 1_234 };
  assertEquals(sessionText(session), "This gateway is client aaaaaa, active, clock 1,234, waiting for nothing.");
  assertEquals(
    sessionText({ ...session, waitsFor: { what: "floors", from: [0, 2] } }),
    "This gateway is client aaaaaa, active, clock 1,234, waiting for floors from replicas 0, 2.",
  );
});
