/**
 * Each rule of snapshots is needed: if it is broken, a snapshot shows what was done after it was begun, or another
 * state is read from it.
 */

import { itemsOf } from "../../src/batch.ts";
import type { Command } from "../../src/database/wire/commands.ts";
import type { Sites } from "../../src/database/store/sites.ts";
import { allOf, restoreAll, type Snapshot } from "../../src/snapshot.ts";
import { machineParts } from "../database/store/machine.ts";
import { batchOf } from "../database/store/memory.ts";
import { afterBackup, beforeBackup } from "../storage/earlier_commands.ts";
import { modulesWith, testEachIsNeeded } from "./each_is_needed.ts";
import type { Mutant } from "./mutant.ts";

const [barrier, log, names, origins, reader, snapshot, texts] = [
  "barrier",
  "site_log",
  "named_records",
  "origins",
  "snapshot_reader",
  "snapshot",
  "shared_texts",
].map((name) => `database/store/${name}.ts`);

const mutants: readonly Mutant[] = [
  {
    name: "a change of a site shows in a snapshot that was begun before",
    file: log,
    from: "    table.barrier.changing(site);\n",
    to: "",
  },
  {
    name: "a plain report shows in a snapshot that was begun before",
    file: log,
    from: "    table.barrier.changing(entry.site);\n",
    to: "",
  },
  {
    name: "another name shows in a snapshot that was begun before",
    file: names,
    from: "    this.barrier.changing(place);\n",
    to: "",
  },
  {
    name: "only the last snapshot that was begun keeps what changes",
    file: barrier,
    from: "this.#underWay.push(new WeakRef(images));",
    to: "this.#underWay = [new WeakRef(images)];",
  },
  {
    name: "a snapshot has a site as it was before its last change",
    file: barrier,
    from: " || this.#kept.has(place)) return;",
    to: ") return;",
  },
  {
    name: "a snapshot has a site that was added after it was begun",
    file: snapshot,
    from: "    end: table.next,\n",
    to: "    get end() {\n      return table.next;\n    },\n",
  },
  {
    name: "a snapshot has a text that was first said after it was begun",
    file: texts,
    from: "return { texts: this.#texts.slice(), uses",
    to: "return { texts: this.#texts, uses",
  },
  {
    name: "the numbers of texts are shifted",
    file: origins,
    from: "writer.varint(Math.max(0, text));",
    to: "writer.varint(Math.max(0, text === 1 ? 2 : text));",
  },
  {
    name: "how often a text is used is that of the next one",
    file: snapshot,
    from: "writer.varint(uses[at]);",
    to: "writer.varint(uses[(at + 1) % uses.length]);",
  },
  {
    name: "the order of the sites is that of their places",
    file: snapshot,
    from: "for (const place of some) writer.varint(place);",
    to: "for (const place of some.toSorted((a, b) => a - b)) writer.varint(place);",
  },
  {
    name: "aliases are sites of their own when they are read",
    file: reader,
    from: "  merges.merge(site, into);\n",
    to: "",
  },
];

const recordedAt = 1_790_000_100_000;

/** A change of each kind. */
const changes: readonly Command[] = [
  { kind: "set", name: "MIT annex 2", value: 3, recordedAt },
  { kind: "set", name: "MIT annex 2", value: 4, recordedAt: recordedAt + 1 },
  { kind: "set", name: "Harvard University", value: 3, who: "Somebody new", recordedAt },
  { kind: "set", name: "MIT", value: 3, product: "208", source: "a feed", recordedAt },
  { kind: "set", name: "MIT", value: 3, product: "208", source: "a feed", confirms: true, recordedAt: recordedAt + 9 },
  { kind: "document", name: "MIT", document: "{}", source: "web", recordedAt },
  { kind: "retire", name: "Closed", reason: "moved", recordedAt },
  { kind: "reopen", name: "Closed", recordedAt },
  { kind: "publish", name: "Wegmans 7", locationId: "w", recordedAt },
  { kind: "edit", name: "Wegmans 7", edits: { zip: "12345" }, recordedAt },
  { kind: "edit", name: "Wegmans 7", edits: { identifiers: [{ system: "a", value: "2" }] }, recordedAt },
  { kind: "edit", name: "Wegmans 7", edits: { name: "An old name" }, recordedAt },
  { kind: "add", name: "wegmans 7", zip: "1", recordedAt },
  { kind: "merge", name: "Wegmans 7", into: "MIT", recordedAt },
  { kind: "merge", name: "CVS 116", into: "MIT", recordedAt },
  { kind: "unmerge", name: "CVS 116", recordedAt },
  { kind: "retract", entry: 13, recordedAt },
  { kind: "redact", entry: 15, recordedAt },
];

/** Why two machines differ, or a snapshot does not fit its state; "": nothing is wrong. */
function fault(Machine: new (parts: typeof machineParts) => Sites): string {
  const sites = new Machine(machineParts);
  const apply = (command: Command) => [...itemsOf(sites.apply(batchOf(command)))];
  apply({ kind: "add", name: "MIT annex 2", zip: "02139", recordedAt: 1 });
  for (const command of [...beforeBackup, ...afterBackup]) apply(command);
  const taken: { readonly frozen: Snapshot; readonly expected: string; readonly kind: string }[] = [];
  for (const command of changes) {
    taken.push({ frozen: sites.freeze(), expected: allOf(sites.freeze()).toHex(), kind: command.kind });
    apply(command);
  }
  for (const { frozen, expected, kind } of taken) if (allOf(frozen).toHex() !== expected) return `a ${kind} shows`;
  const restored = new Machine(machineParts);
  try {
    restoreAll(restored.restoring(), sites.snapshot());
  } catch (error) {
    return `it is refused: ${error}`;
  }
  const read = (each: Sites) => {
    const asked: Command[] = [{ kind: "list-page", detail: "full", retired: true }, { kind: "summary" }];
    for (let id = 1; id < 50; id++) asked.push({ kind: "details", name: `id:${id}` });
    return asked.map((command) => [...itemsOf(each.apply(batchOf(command)))][0].toHex()).join();
  };
  // The last entry that says a text is redacted: nobody else may have it then.
  const last: Command = { kind: "redact", entry: 19, recordedAt };
  for (const each of [sites, restored]) each.apply(batchOf(last));
  if (read(restored) !== read(sites)) return "another state is read";
  return restored.snapshot().toHex() === sites.snapshot().toHex() ? "" : "the next snapshot is another one";
}

testEachIsNeeded("each rule of snapshots is needed", mutants, (mutant) => {
  const { Sites: Machine } = modulesWith(mutant)("src/database/store/sites.ts");
  try {
    return fault(Machine as new (parts: typeof machineParts) => Sites);
  } catch (error) {
    return `${error}`;
  }
});
