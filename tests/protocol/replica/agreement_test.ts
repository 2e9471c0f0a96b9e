/** Members compare what they have sealed, and of several that differ never all stop (rule V12). */

import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import type { ComparedSegment } from "../../../src/history.ts";
import { Agreement, disputesMax, toldTogetherMax } from "../../../src/protocol/replica/agreement.ts";
import { broken } from "../../../src/protocol/replica/agreement_verdict.ts";
import { Order } from "../../../src/protocol/replica/order.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";

function segment(number: number, letter: string, redacted = 0): ComparedSegment {
  return { kind: 1, number, redacted, digest: new Uint8Array(32).fill(letter.charCodeAt(0)) };
}

const textOf = ({ number, redacted, digest }: ComparedSegment) =>
  `${number}${String.fromCharCode(digest[0])}${redacted}`;

/** Member 1 of some, with what it has sent, once each. */
function member(...ids: number[]) {
  const machine = new DigestMachine();
  const order = new Order(machine, false);
  order.v = 2;
  order.members = ids.map((id) => ({ id, address: "" }));
  let said: string[] = [];
  const agreement = new Agreement({
    id: 1,
    order,
    send: (to, message) => said.push(`r${to} ${wordsOf(message)}`),
    alarm: () => said.push("ALARM"),
  });
  const after = (work: () => void) => {
    work();
    const words = said;
    said = [];
    return words;
  };
  const seals = (...segments: ComparedSegment[]) => {
    for (const it of segments) machine.segments.set(it.number, it);
  };
  /** Hears that in a view that it has not ended yet. */
  const heard = (...segments: ComparedSegment[]) => {
    order.v++;
    return after(() => agreement.heard({ kind: "SEALED", segments }));
  };
  return { agreement, machine, order, after, seals, heard };
}

function wordsOf(message: MeshMessage): string {
  if (message.kind === "SEALED" || message.kind === "STATED") {
    return `${message.kind} ${message.segments.map(textOf).join(" ")}`;
  }
  return message.kind === "DISPUTED"
    ? `DISPUTED ${message.places.map(({ number }) => number).join(" ")}`
    : message.kind;
}

Deno.test("a member tells the others what it has named, but not what it is to write again", () => {
  const { agreement, machine, after, seals } = member(0, 1, 2);
  assertEquals(after(() => agreement.tell()), []);
  seals(segment(1, "a"), segment(3, "c", 2));
  machine.segments.set(2, "due");
  for (const number of [1, 2, 3, 4]) agreement.named({ kind: 1, number });
  assertEquals(after(() => agreement.tell()), ["r0 SEALED 1a0 3c2", "r2 SEALED 1a0 3c2"]);
  assertEquals(after(() => agreement.tell()), [], "once");
});

Deno.test("a member tells bounded parts of what it named before it was a member, however long the history is", () => {
  const { agreement, machine, after, seals } = member(0, 1);
  const count = 3 * toldTogetherMax - 5;
  for (let number = 1; number <= count; number++) seals(segment(number, "a"));
  machine.segments.set(7, "due");
  const told = Array.from({ length: 6 }, () => after(() => agreement.pass()));
  const numbers = told.map((words) => words.map((it) => it.split(" ").length - 2));
  assertEquals(numbers, [[toldTogetherMax - 1], [toldTogetherMax], [toldTogetherMax - 5], [], [], []]);
  seals(segment(count + 1, "a"));
  assertEquals(after(() => agreement.pass()), [], "what comes later is told when it is named");
});

Deno.test("a member that hears of another digest ends the view, if it has redacted as many entries", () => {
  const { agreement, machine, after, seals, heard } = member(0, 1);
  seals(segment(1, "a"), segment(2, "b", 1));
  machine.segments.set(3, "due");
  assertEquals(heard(segment(1, "a"), segment(2, "b", 1)), []);
  assertEquals(heard(segment(1, "x", 1), segment(2, "x"), segment(2, "x", 2), segment(3, "x"), segment(4, "x")), []);
  assertEquals(heard({ ...segment(1, "x"), kind: 2 }, { ...segment(1, "x"), kind: 7 }), []);
  assertEquals(heard(segment(1, "x"), segment(2, "x", 1)), ["ALARM"]);
  assertEquals(after(() => agreement.heard({ kind: "SEALED", segments: [segment(1, "y")] })), [], "once in a view");
  assertEquals(heard(segment(1, "y")), ["ALARM"]);
});

Deno.test("a member calls few segments disputed, and states what it has of those of all members", () => {
  const { agreement, order, after, seals, heard } = member(0, 1, 2);
  for (let number = 1; number <= 2 * disputesMax; number++) {
    seals(segment(number, "a"));
    assertEquals(heard(segment(number, "x")), number <= disputesMax ? ["ALARM"] : []);
  }
  assertEquals(heard(segment(1, "y")), ["ALARM"], "another member says so");
  const first = Array.from({ length: disputesMax }, (_, at) => at + 1);
  order.v = 3;
  assertEquals(after(() => agreement.begin()), [0, 2].map((id) => `r${id} DISPUTED ${first.join(" ")}`));
  // One that lies names more, and nothing that there is.
  const many = Array.from({ length: 1000 }, (_, at) => ({ kind: 1, number: 20 + at }));
  agreement.disputed({ kind: "DISPUTED", v: 3, places: many });
  agreement.disputed({ kind: "DISPUTED", v: 2, places: [{ kind: 1, number: 19 }] });
  const [stated, other] = after(() => agreement.state());
  const numbers = [...first, ...Array.from({ length: 13 }, (_, at) => 20 + at)];
  assertEquals(
    [stated, other].map((it) => it.slice(3)),
    Array(2).fill(`STATED ${numbers.map((n) => `${n}a0`).join(" ")}`),
  );
  assertEquals(after(() => agreement.state()), [], "once");
});

Deno.test("a member says nothing where nothing is in dispute, and one that is alone has no dispute", () => {
  const { agreement, order, after, seals, heard } = member(0, 1);
  assertEquals(after(() => agreement.begin()), []);
  assertEquals([after(() => agreement.state()), agreement.verdict(false)], [[], undefined]);
  seals(segment(1, "a"));
  heard(segment(1, "x"));
  order.members = [{ id: 1, address: "" }];
  order.v = 3;
  assertEquals(after(() => agreement.begin()), []);
  order.members = [{ id: 0, address: "" }, ...order.members];
  order.v = 4;
  assertEquals(after(() => agreement.begin()), []);
});

/** Member 1 differs from others, and all state what they have. Returns why it stops. */
function verdictOf(own: ComparedSegment, others: Readonly<Record<number, ComparedSegment[]>>, isDurable = true) {
  const ids = Object.keys(others).map(Number);
  const { agreement, order, after, seals, heard } = member(1, ...ids);
  seals(own);
  heard(segment(own.number, "x", own.redacted));
  order.v = 3;
  after(() => agreement.begin());
  after(() => agreement.state());
  for (const id of ids.slice(1)) agreement.stated(id, { kind: "STATED", v: 3, segments: others[id] });
  assertEquals(agreement.verdict(isDurable), undefined, "somebody has not stated anything");
  agreement.stated(ids[0], { kind: "STATED", v: 2, segments: others[ids[0]] });
  assertEquals(agreement.verdict(isDurable), undefined, "in another view");
  agreement.stated(ids[0], { kind: "STATED", v: 3, segments: others[ids[0]] });
  agreement.stated(ids[0], { kind: "STATED", v: 3, segments: [own] });
  const reason = agreement.verdict(isDurable);
  order.v = 4;
  return { reason, next: after(() => agreement.begin()) };
}

Deno.test("a member stops if fewer have what it has, and says why and what to do", () => {
  const [a, b] = [segment(5, "a"), segment(5, "b")];
  const { reason = "" } = verdictOf(a, { 0: [b], 2: [b] });
  assertEquals(
    reason,
    "it has sealed something else than replica 0 and 2: at the start of view 3, the digest of segment 5 was " +
      "61616161616161, and that of replica 0 and 2 62626262626262. Its history is damaged where no disk tells: " +
      "move its files away (the database with its -wal, and the folder of its history), start it again, and it " +
      "fetches all from the others",
  );
  assertMatch(verdictOf(a, { 0: [b], 2: [b] }, false).reason ?? "", /no disk tells: start it again/);
  assertMatch(verdictOf(a, { 0: [b] }).reason ?? "", /Either may be the broken one: replica 0 continues only because/);
  assertEquals(verdictOf(a, { 0: [b], 2: [a] }).reason, undefined);
  assertEquals(verdictOf(a, { 2: [b] }).reason, undefined, "the smallest number");
});

Deno.test("a dispute that somebody can say nothing of waits for the next view, and all others are over", () => {
  const [a, b] = [segment(5, "a"), segment(5, "b")];
  assertEquals(verdictOf(a, { 0: [b], 2: [] }), { reason: undefined, next: ["r0 DISPUTED 5", "r2 DISPUTED 5"] });
  assertEquals(verdictOf(a, { 0: [segment(5, "b", 1)] }), { reason: undefined, next: ["r0 DISPUTED 5"] });
  assertEquals(verdictOf(a, { 0: [a], 2: [] }), { reason: undefined, next: [] });
  assertEquals(verdictOf(a, { 0: [], 2: [] }), { reason: undefined, next: [] });
});

Deno.test("broken() never finds all broken, finds nobody where all agree, and gives each the verdict of all", () => {
  const letters = fc.array(fc.array(fc.constantFrom("a", "b", "c", undefined), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 5,
  });
  const property = fc.property(letters, (stated) => {
    const members = stated.map((_, at) => at);
    const places = [3, 1, 2].map((number) => ({ kind: 1, number }));
    const all = new Map(
      stated.map((row, id) =>
        [id, row.flatMap((letter, at) => letter === undefined ? [] : [segment(at + 1, letter)])] as const
      ),
    );
    const { verdicts, open } = broken(members, places, all);
    assert(verdicts.size < members.length);
    for (const [id, { own, right }] of verdicts) {
      assert(right.length > 0 && !right.includes(id));
      assert(all.get(id)!.includes(own));
    }
    const isWhole = stated.every((row) => row.every((letter) => letter !== undefined));
    if (isWhole) assertEquals(open, []);
    const differs = [0, 1, 2].some((at) => new Set(stated.map((row) => row[at])).size > 1);
    if (isWhole) assertEquals(verdicts.size > 0, differs);
  });
  fc.assert(property, { numRuns: 300 });
});

Deno.test("broken() counts all voices, but a party of broken members is never right", () => {
  const rows: Record<number, string> = { 0: "xaa", 1: "axa", 2: "aax" };
  const stated = new Map(
    Object.entries(rows).map(([id, row]) =>
      [Number(id), [...row].map((letter, at) => segment(at + 1, letter))] as const
    ),
  );
  const { verdicts } = broken([0, 1, 2], [1, 2, 3].map((number) => ({ kind: 1, number })), stated);
  assertEquals([...verdicts].map(([id, { own, right }]) => [id, own.number, right]), [[0, 1, [1, 2]], [1, 2, [0, 2]]]);
});
