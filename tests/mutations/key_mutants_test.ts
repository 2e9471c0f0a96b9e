/**
 * Each rule of commands with a key is needed: if it is broken, one is executed twice or never, the table grows, or
 * replicas come to different states.
 */

import { itemsOf } from "../../src/batch.ts";
import type { Sites } from "../../src/database/store/sites.ts";
import type { Command } from "../../src/database/wire/commands.ts";
import { isAgain, readOutput } from "../../src/database/wire/outputs.ts";
import { keyTtlMs, pagesPerRequestMax } from "../../src/limits.ts";
import { allOf, restoreAll } from "../../src/snapshot.ts";
import { machineParts } from "../database/store/machine.ts";
import { batchOf } from "../database/store/memory.ts";
import { modulesWith, testEachIsNeeded } from "./each_is_needed.ts";
import type { Mutant } from "./mutant.ts";

const [keys, log, machine, origins, snapshot, fields] = [
  "store/answered_keys",
  "store/site_log",
  "store/sites",
  "store/origins",
  "store/snapshot",
  "store/log_entry",
].map((name) => `database/${name}.ts`);

const mutants: readonly Mutant[] = [
  {
    name: "a command whose key is known is executed again",
    file: machine,
    from: "    if (known !== undefined) return answers.again(known);\n",
    to: "",
  },
  {
    name: "a key is compared without its request",
    file: keys,
    from: "return isOfOneRequest(record.key, key) ? record.output.view() : otherRequest;",
    to: "return record.output.view();",
  },
  {
    name: "what had no room is never done",
    file: machine,
    from: "if (!forgotten.has(output[0])) keys.add(",
    to: "keys.add(",
  },
  {
    name: "the clock of one command makes the keys of all old",
    file: keys,
    from: "    for (let at = this.#generations.length - 1; at >= 0; at--) {",
    to: "    recordedAt = record.clock = Math.max(record.clock ?? 0, recordedAt);\n" +
      "    for (let at = this.#generations.length - 1; at >= 0; at--) {",
  },
  {
    name: "a key is never new again",
    file: keys,
    from: "if (recordedAt - record.recordedAt <= keyTtlMs) {",
    to: "{",
  },
  {
    name: "a clock that is behind makes a key new",
    file: keys,
    from: "if (recordedAt - record.recordedAt <= keyTtlMs) {",
    to: "if (Math.abs(recordedAt - record.recordedAt) <= keyTtlMs) {",
  },
  {
    name: "a key that is new again has two records",
    file: keys,
    from: "      if (place !== 0) generation.replace(place);\n",
    to: "",
  },
  {
    name: "any number of keys is kept",
    file: keys,
    from: "while (this.#size > this.#bounds.keysMax || this.#bytes",
    to: "while (this.#bytes",
  },
  {
    name: "any number of bytes is kept",
    file: keys,
    from: " || this.#bytes > this.#bounds.bytesMax) this.#forgetOldest();",
    to: ") this.#forgetOldest();",
  },
  {
    name: "a record that was forgotten is found",
    file: keys,
    from: "const isGone = place < this.first || ",
    to: "const isGone = ",
  },
  {
    name: "a snapshot has no keys",
    file: snapshot,
    from: "  writer.varint(frozen.keys.size);\n  yield flush(writer);\n  yield* frozen.keys.parts;\n",
    to: "  writer.varint(0);\n  yield flush(writer);\n",
  },
  {
    name: "a snapshot has keys of after it was begun",
    file: snapshot,
    from: "    keys: sites.keys.freeze(),\n",
    to: "    get keys() {\n      return sites.keys.freeze();\n    },\n",
  },
  {
    name: "a snapshot has what was overwritten after it was begun",
    file: keys,
    from: "return this.pieces[piece] = this.pieces[piece].slice();",
    to: "return this.pieces[piece];",
  },
  {
    name: "a redaction leaves the reason in what a key keeps",
    file: log,
    from: "    this.keys.forgetReasons();\n",
    to: "",
  },
  {
    name: "a state of an earlier entry has the keys of what was undone",
    file: keys,
    from: "        if (record.index > last) return;\n",
    to: "",
  },
  {
    name: "the report that a site shows is without its token in a snapshot",
    file: origins,
    from: "const text = this.#integers[at + part];",
    to: "const text = part === byAt ? noText : this.#integers[at + part];",
  },
  {
    name: "an entry is without its token",
    file: fields,
    from: "  return by.length > 0 ? putShared(bytes, at, by, byNumber, texts, places, toPlace) : at;",
    to: "  return at;",
  },
];

const name = "Harvard University";
const start = 1_790_000_000_000;

function keyed(number: number, request = 0) {
  return { hash: new Uint8Array(16).fill(number), request: new Uint8Array(8).fill(request) };
}

function set(value: number, number: number, recordedAt = start, request = 0): Command {
  return { kind: "set", name, value, recordedAt, key: keyed(number, request) };
}

/** The rule that does not hold; "": each does. */
function fault(Machine: new (parts: typeof machineParts) => Sites): string {
  const newMachine = (keysMax: number, bytesMax?: number) =>
    new Machine({ ...machineParts, keys: { keysMax, bytesMax } });
  const sites = newMachine(8);
  const apply = (command: Command, at = sites) => [...itemsOf(at.apply(batchOf(command)))][0];
  const isDone = (command: Command, at = sites) => {
    const output = apply(command, at);
    return !isAgain(output) && readOutput(output).status === "done";
  };
  const isKnown = (command: Command, at = sites) => isAgain(apply(command, at));
  const taken: { readonly frozen: ReturnType<Sites["freeze"]>; readonly expected: string }[] = [];
  const take = () => taken.push({ frozen: sites.freeze(), expected: allOf(sites.freeze()).toHex() });

  if (!isDone(set(1, 1)) || !isKnown(set(1, 1))) return "a command is not executed once";
  if (!isDone(set(1, 2))) return "another key is known";
  if (readOutput(apply(set(2, 1, start, 9))).status !== "otherKey") return "another request has the output";
  take();
  // In a request with many of them, the last has no room; later, it has.
  const redactions = Array.from({ length: pagesPerRequestMax + 1 }, (): Command => {
    return { kind: "redact", entry: 2, recordedAt: start };
  });
  const last: Command = { kind: "redact", entry: 2, recordedAt: start, key: keyed(3) };
  sites.apply(batchOf(...redactions, last));
  if (!isDone(last)) return "what had no room is not done later";
  // A clock that is far ahead, or behind, and one that is a day later.
  isDone(set(4, 4, start * 5));
  if (!isKnown(set(1, 1, start + 1))) return "a key is old by the clock of another";
  if (!isKnown(set(1, 1, 1))) return "a key is old by a clock that is behind";
  take();
  if (!isDone(set(5, 1, start + keyTtlMs + 1)) || !isKnown(set(5, 1, start))) return "a key is not new again";
  const reason = "Ann is ill";
  apply({ kind: "retire", name, reason, recordedAt: start, key: keyed(5) });
  take();
  const retirement = sites.lastEntry;
  apply({ kind: "redact", entry: retirement, recordedAt: start });
  apply({ kind: "reopen", name, recordedAt: start });
  if (new TextDecoder("latin1").decode(sites.snapshot()).includes(reason)) return "a reason is kept";
  apply({ kind: "set", name, value: 9, source: "s", by: "a token", recordedAt: 2 * start, key: keyed(6) });
  for (const { frozen, expected } of taken) if (allOf(frozen).toHex() !== expected) return "a change shows";

  const restored = newMachine(8);
  try {
    restoreAll(restored.restoring(), sites.snapshot());
  } catch (error) {
    return `it is refused: ${error}`;
  }
  for (const each of [sites, restored]) {
    if (!isKnown(set(4, 4, start), each)) return "a key is lost";
    const entries = readOutput(apply({ kind: "history-page", name, newestFirst: true, bound: 0, limit: 1 }, each));
    if (entries.status !== "entries" || entries.entries[0].by !== "a token") return "an entry has no token";
    const said = readOutput(apply({ kind: "sources", name, site: 0, skip: 0 }, each));
    if (said.status !== "sources" || said.sources.every(({ by }) => by === undefined)) return "a source has no token";
  }
  if (restored.snapshot().toHex() !== sites.snapshot().toHex()) return "the next snapshot is another one";

  // The oldest go first.
  const few = newMachine(16);
  for (let number = 1; number <= 17; number++) isDone(set(number, number), few);
  if (!isKnown(set(2, 2), few) || !isKnown(set(17, 17), few) || !isDone(set(1, 1), few)) return "others are kept";
  const bounded = newMachine(1000, 400);
  for (let number = 1; number <= 20; number++) isDone(set(number, number), bounded);
  if (isKnown(set(1, 1), bounded)) return "too many bytes are kept";

  for (const _ of few.rewinding(4));
  return isKnown(set(17, 17), few) ? "what was undone is known" : "";
}

testEachIsNeeded("each rule of commands with a key is needed", mutants, (mutant) => {
  const { Sites: Machine } = modulesWith(mutant)("src/database/store/sites.ts");
  try {
    return fault(Machine as new (parts: typeof machineParts) => Sites);
  } catch (error) {
    return `${error}`;
  }
});
