/**
 * Checks of copies with sealed history.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { copyParts, decodeSegments, type HeldSegments } from "../../../src/copy_layout.ts";
import { replicaTickMs, wireVersion } from "../../../src/limits.ts";
import type { ReaderHost } from "../../../src/net/server/askers.ts";
import * as copier from "../../../src/net/server/copier.ts";
import * as whole from "../../../src/net/server/whole_copy.ts";
import type { Link } from "../../../src/net/link.ts";
import type { Message, MessageOf } from "../../../src/protocol/wire/messages.ts";
import { Parts } from "../../../src/snapshot.ts";

const { copierWaitMs } = copier;

/** The modules that are looked at. */
export type CopyModules = Pick<typeof copier, "Copiers"> & Pick<typeof whole, "WholeCopy">;

/** As they are. */
export const soundCopies: CopyModules = { ...copier, ...whole };

const first = { kind: 1, number: 1, digest: new Uint8Array(32), bytes: 3 };

const held: HeldSegments = { segments: [first], read: () => new Uint8Array(3), release: () => {} };

/** A replica of which a copier asks, and what it answers. */
function copiersWith(
  { Copiers }: CopyModules,
  history: Partial<NonNullable<ReaderHost["history"]>>,
  redactionsDue: readonly unknown[],
) {
  const refused: string[] = [];
  const sent: MessageOf<"COPIED">[] = [];
  const link = {
    unsentBytes: 0,
    send: (message: MessageOf<"COPIED">) => void sent.push(message),
    abort: () => {},
  } as unknown as Link;
  const copy = () => ({ executed: 7, snapshot: new Parts([new Uint8Array(10)]), named: [first] });
  const copiers: copier.Copiers = new Copiers({
    cluster: "00".repeat(16),
    words: { kind: "replica", notYet: "" },
    database: { executed: 7, machine: { redactionsDue }, copy } as unknown as ReaderHost["database"],
    history: { hurry: () => {}, released: () => {}, isFault: () => true, ...history } as ReaderHost["history"],
    refuse: (_, reason) => refused.push(reason),
    schedule: () => copiers.serve(),
    scheduleLater: () => {},
  });
  const question = (offset: number): MessageOf<"COPY"> => ({ kind: "COPY", version: wireVersion, atLeast: 0, offset });
  const handler = copiers.introduce(link, question(0));
  const ask = (offset: number) => handler?.onMessage(link, question(offset) as Message);
  return { copiers, refused, sent, ask, last: () => sent.at(-1)! };
}

/** Copiers wait until nothing that was redacted is in a file, and hurry that. */
function checkErasing(modules: CopyModules): void {
  let hurried = 0;
  const due: unknown[] = [{ kind: 1, number: 1 }];
  const { copiers, refused, sent } = copiersWith(modules, { hold: () => held, hurry: () => hurried++ }, due);
  copiers.serve();
  assertEquals([hurried, refused, sent], [2, [], []]);
  due.pop();
  copiers.serve();
  assertEquals([hurried, refused, sent.length], [2, [], 1]);
  const other = copiersWith(modules, { hold: () => held }, [{}]);
  for (let ms = 0; ms < copierWaitMs; ms += replicaTickMs) other.copiers.pass(replicaTickMs);
  assertEquals(other.sent, []);
  assertEquals(other.refused, [
    "COPY: it still erases from its files what was redacted; ask again later, or ask another replica",
  ]);
}

/** A copy of which a file is damaged or missing is refused. */
function checkRefusals(modules: CopyModules): void {
  const damaged = copiersWith(modules, {
    hold: () => {
      throw new Error("The file of segment 1 is damaged: it is missing");
    },
  }, []);
  assertEquals(damaged.refused, [
    "COPY: its history cannot be read: The file of segment 1 is damaged: it is missing; ask another replica",
  ]);
  const { refused } = copiersWith(modules, { hold: () => ({ ...held, segments: [] }) }, []);
  assertEquals(refused, ["COPY: it does not have the files of its history; ask another replica"]);
}

/** The files of a copy are released when the link ends, or all was given. */
function checkReleases(modules: CopyModules): void {
  for (const isWhole of [false, true]) {
    const ends: string[] = [];
    const { copiers, ask, last } = copiersWith(modules, {
      hold: () => ({ ...held, release: () => ends.push("released") }),
      released: () => ends.push("told"),
    }, []);
    assertEquals(ends, []);
    while (isWhole && !last().final) ask(last().offset + last().bytes.length);
    if (!isWhole) copiers.close();
    assertEquals(ends, ["released", "told"]);
    if (isWhole) assertEquals([last().part, last().bytes.length], [copyParts.files, 3]);
    copiers.close();
    assertEquals(ends.length, 2);
  }
}

/** A copy is taken in its parts, and leaves out files that are not wanted. */
function checkSkips({ WholeCopy }: CopyModules): void {
  const make = () =>
    new WholeCopy({ executed: 7, snapshot: new Parts([new Uint8Array(10)]), named: [] }, {
      ...held,
      segments: [first, { ...first, number: 2, bytes: 5 }],
      read: ({ number }, _, length) => new Uint8Array(length).fill(number),
    });
  const copy = make();
  assertEquals(copy.skipTo(5), false, "the state is never left out");
  assertEquals([copy.take(64), copy.isDone], [{ part: copyParts.state, bytes: new Uint8Array(10) }, false]);
  assertEquals(copy.skipTo(12), false, "the list is never left out");
  const { part, bytes: list } = copy.take(1000);
  assertEquals([part, decodeSegments(list).map(({ bytes }) => bytes)], [copyParts.segments, [3, 5]]);
  const filesAt = copy.next;
  assertEquals(copy.skipTo(filesAt + 4), true);
  assertEquals(copy.take(64), { part: copyParts.files, bytes: new Uint8Array(4).fill(2) });
  assertEquals([copy.next, copy.isDone], [filesAt + 8, true]);
  const other = make();
  for (let taken = 0; taken < 2; taken++) other.take(1000);
  assertEquals(other.skipTo(filesAt + 9), false, "there is no more");
  assertEquals([other.skipTo(filesAt + 8), other.isDone], [true, true]);
}

/** All checks. */
export function checkCopies(modules: CopyModules): void {
  checkErasing(modules);
  checkRefusals(modules);
  checkReleases(modules);
  checkSkips(modules);
}
