/** How a newcomer gets the sealed history before it joins (rule D7). */

import { assertEquals } from "@std/assert";
import type { SegmentRef } from "../../../src/history.ts";
import { HistoryFetch } from "../../../src/protocol/replica/history_fetch.ts";
import { Newcomer } from "../../../src/protocol/replica/newcomer.ts";
import { donorOf, self } from "./newcomer_stage.ts";

const segment: SegmentRef = { kind: 1, number: 1, digest: new Uint8Array(32) };
const segments = [segment];
const part = { kind: "PART_IS", segment, part: 0, fileBytes: 3 } as const;
const bytes = Uint8Array.of(1, 2, 3);

/** A newcomer with data of its own, and the words that it says. */
function newcomerOf(history: "whole" | "lacking") {
  const said: string[] = [];
  const order = donorOf(2);
  const newcomer = new Newcomer(
    {
      order,
      disk: undefined,
      send: (to, message) => {
        const isWhole = message.kind === "JOIN" && message.position !== undefined;
        said.push(`r${to} ${message.kind}${isWhole ? " with data" : ""}`);
      },
      effect: (effect) => said.push(effect.kind === "obtain" ? `obtain ${effect.n}` : effect.kind),
      restored: () => said.push("restored"),
      halt: (reason) => said.push(reason),
    },
    self,
    true,
    undefined,
    history,
  );
  return (work: (newcomer: Newcomer) => void) => {
    work(newcomer);
    return said.splice(0);
  };
}

Deno.test("Newcomer fetches what a member names, and asks to be let in only then", () => {
  const after = newcomerOf("whole");
  assertEquals(after((it) => it.linked(1)), ["r1 SEGMENTS"]);
  assertEquals(after((it) => it.linked(2)), ["r2 SEGMENTS"]);
  assertEquals(after((it) => it.received(2, { kind: "SEGMENTS_ARE", segments })), ["obtain 1"]);
  assertEquals(after((it) => it.received(1, { kind: "SEGMENTS_ARE", segments })), []);
  assertEquals(after((it) => it.fetched({ kind: "lacks", n: 1, segment, part: 0 })), ["r2 PART"]);
  assertEquals(after((it) => it.received(1, { ...part, bytes })), []);
  assertEquals(after((it) => it.received(2, { ...part, bytes })), ["part"]);
  assertEquals(after((it) => it.fetched({ kind: "obtained", n: 0 })), []);
  assertEquals(after((it) => it.fetched({ kind: "obtained", n: 1 })), ["r1 JOIN with data", "r2 JOIN with data"]);
});

Deno.test("Newcomer without the files that its data name joins as one without data", () => {
  const after = newcomerOf("lacking");
  after((it) => it.linked(1));
  after((it) => it.received(1, { kind: "SEGMENTS_ARE", segments }));
  assertEquals(after((it) => it.fetched({ kind: "obtained", n: 1 })), ["r1 JOIN"]);
});

Deno.test("Newcomer asks again when its source is dead, or sends something else", () => {
  const after = newcomerOf("whole");
  after((it) => [1, 2].forEach((id) => it.linked(id)));
  const begin = (from: number) => after((it) => it.received(from, { kind: "SEGMENTS_ARE", segments }));
  assertEquals(begin(1), ["obtain 1"]);
  assertEquals(after((it) => it.tick(250)), []);
  assertEquals(after((it) => it.failed(1)), ["r2 SEGMENTS"]);
  assertEquals(begin(2), ["obtain 3"]);
  assertEquals(after((it) => it.received(2, { ...part, bytes: new Uint8Array(0) })), []);
  assertEquals(after((it) => it.tick(250)), ["r2 SEGMENTS"]);
  assertEquals(begin(2), ["obtain 5"]);
  assertEquals(after((it) => it.fetched({ kind: "refused", n: 5 })), ["lacked"]);
  assertEquals(after((it) => it.tick(250)), ["r2 SEGMENTS"]);
});

Deno.test("Newcomer asks the next replica for what one does not have, and ever more seldom if nobody has it", () => {
  const after = newcomerOf("whole");
  after((it) => [1, 2, 3].forEach((id) => it.linked(id)));
  const nothing = { ...part, bytes: new Uint8Array(0) };
  let n = 0;
  const round = () => {
    assertEquals(after((it) => it.received(2, { kind: "SEGMENTS_ARE", segments })), [`obtain ${++n}`]);
    assertEquals(after((it) => it.received(2, nothing)), [`obtain ${++n}`]);
    assertEquals(after((it) => it.fetched({ kind: "lacks", n, segment, part: 0 })), ["r1 PART"]);
    assertEquals(after((it) => it.received(2, nothing)), [], "a late word");
    assertEquals(after((it) => it.fetched({ kind: "refused", n })), [`obtain ${++n}`]);
    assertEquals(after((it) => it.fetched({ kind: "lacks", n, segment, part: 0 })), ["r3 PART"]);
    const said = after((it) => it.received(3, nothing));
    n++;
    return said;
  };
  const ticks: number[] = [];
  for (let rounds = 0; rounds < 11; rounds++) {
    assertEquals(round(), rounds === 0 ? [] : ["lacked"]);
    let asked: string[] = [];
    let count = 0;
    for (; asked.length === 0; count++) asked = after((it) => it.tick(250));
    assertEquals(asked, ["r1 SEGMENTS", "r2 SEGMENTS", "r3 SEGMENTS"]);
    ticks.push(count);
  }
  assertEquals(ticks, [1, 1, 2, 4, 8, 16, 32, 64, 120, 120, 120]);
});

Deno.test("Newcomer gets what the state of its donor names from another one, if the donor does not have it", () => {
  const named = [{ ...segment, number: 2 }];
  const fetch = new HistoryFetch({ send: () => {}, effect: (effect) => said.push(effect.kind) });
  const said: string[] = [];
  for (const id of [1, 2, 3]) fetch.link(id);
  fetch.complete(2, named);
  assertEquals([fetch.next(), fetch.failed(1), fetch.failed(3)], [true, true, false]);
  assertEquals(said, ["obtain", "obtain", "obtain"]);
});
