/**
 * Each rule of the files of sealed history is needed: if it is broken, a check that the sound modules pass fails.
 */

import { assert } from "@std/assert";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { checkHistory } from "../storage/history_checks.ts";
import type { HistoryModules } from "../storage/history_world.ts";
import { changedModules } from "./changed_modules.ts";
import type { Mutant } from "./mutant.ts";
import { mutated } from "./mutate.ts";

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

const [made, store, named, received, names] = [
  "new_segment",
  "history_store",
  "named_segments",
  "received_segment",
  "segment_names",
].map((name) => `storage/${name}.ts`);
const held = "storage/held_files.ts";
const container = "database/segments/container.ts";

const mutants: readonly Mutant[] = [
  {
    name: "a file is deleted while it is copied",
    file: store,
    from: " || this.#held.has(name)) continue;",
    to: ") continue;",
  },
  {
    name: "a copy mixes two files of one name",
    file: store,
    from: "    this.#held.renewed(wholeName(made));\n",
    to: "",
  },
  {
    name: "a copy begins with a file that is known to be damaged",
    file: store,
    from: "      for (const damage of damages.values()) throw damage;\n",
    to: "",
  },
  {
    name: "one copy releases the files of another",
    file: held,
    from: "      if (holders?.size === 0) this.#holders.delete(name);",
    to: "      this.#holders.delete(name);",
  },
  {
    name: "files of a copy are kept for ever",
    file: held,
    from: "      holders?.delete(held);\n",
    to: "",
  },
  {
    name: "a file that a recovery may read goes with what a newcomer does not need",
    file: store,
    from: "for (const name of this.#ready) if (!this.#isReplaced(name)) this.#unnamed",
    to: "for (const name of this.#ready) this.#unnamed",
  },
  {
    name: "a checkpoint deletes what a newcomer has taken",
    file: store,
    from: "if (!this.#ready.has(name)) this.#unnamed.set(name, ref);",
    to: "this.#unnamed.set(name, ref);",
  },
  {
    name: "what was given up before it is lasting stays for ever",
    file: store,
    from: "if (!isSound && !isLasting) this.#unnamed.set(name, ref);",
    to: "",
  },
  {
    name: "a file gets its name before it is on the disk",
    file: made,
    from: "    yield* this.#waiting(this.#partial);\n    try {",
    to: "    try {",
  },
  {
    name: "nobody waits for the folder",
    file: made,
    from: "    yield* this.#waiting();\n",
    to: "",
  },
  {
    name: "a sync that has failed is tried again",
    file: made,
    from: "      throw this.#failed(error);\n    }\n    // Somebody",
    to: "      yield* synced(name);\n    }\n    // Somebody",
  },
  {
    name: "what is half written stays where the disk is full",
    file: made,
    from: "    attempt(() => this.#workshop.files.remove(this.#partial));\n",
    to: "",
  },
  {
    name: "a file is written under the name of a whole one",
    file: names,
    from: "return placeName(place) + partialSuffix;",
    to: 'return `${placeName(place)}-${"0".repeat(64)}`;',
  },
  {
    name: "a file gets a name that its digest does not fit",
    file: made,
    from: "      new SegmentFile(files, ref, this.#partial).open(packing);\n",
    to: "",
  },
  {
    name: "a block of another replica is not compared",
    file: received,
    from: "    received(partTitle(this.#ref, this.#block), () => this.#segment.unpack(this.#block, packed));\n",
    to: "",
  },
  {
    name: "a block that heals is not compared",
    file: container,
    from: "    this.#unpackAny(block, packed);\n    return this.#tailWith(",
    to: "    return this.#tailWith(",
  },
  {
    name: "a block for a watcher is not compared",
    file: named,
    from: "      segment.compare(block, packed);\n",
    to: "",
  },
  {
    name: "damage is forgotten",
    file: named,
    from: "    damages.set(damage.part, damage);\n",
    to: "",
  },
  {
    name: "damage that was known is forgotten when another part heals",
    file: named,
    from: "    for (const damage of found) this.note(this.get(ref), damage);\n",
    to: "",
  },
  {
    name: "a segment that was received is still damaged",
    file: store,
    from: "if (this.#isNamed(made)) this.#segments.renew(made);\n    else",
    to: "if (!this.#isNamed(made))",
  },
  {
    name: "blocks of before a redaction are kept",
    file: named,
    from: "    this.#blocks.deleteAll(`${placeName(place)}/`);\n",
    to: "",
  },
  {
    name: "the footer of before a redaction is kept",
    file: named,
    from: "    this.#footers.delete(placeName(place));\n",
    to: "",
  },
  {
    name: "a scrub keeps blocks",
    file: store,
    from: "return { bytes: segments.check(named, part),",
    to: "return { bytes: (segments.block(named, part), segments.check(named, part)),",
  },
  {
    name: "unnamed files are deleted at the start",
    file: store,
    from: "isPartialName(name)) store.#unnamed.set(name, ref);",
    to: "isPartialName(name)) files.remove(name);",
  },
  {
    name: "unnamed files are deleted before the view is installed",
    file: store,
    from: "if (!this.#isInstalled) throw",
    to: "if (this.#isInstalled && !this.#isInstalled) throw",
  },
  {
    name: "a file that is being written is deleted",
    file: store,
    from: " || this.#busy.has(placeNameOf(name)) ||",
    to: " ||",
  },
  {
    name: "a file is deleted that waits for the folder",
    file: store,
    from: " || this.#busy.has(placeNameOf(name)) ||",
    to: " || (isPartialName(name) && this.#busy.has(placeNameOf(name))) ||",
  },
  {
    name: "a file is adopted whatever it has",
    file: store,
    from: "      new SegmentFile(this.#files, ref).open(this.#packing);\n",
    to: "",
  },
  {
    name: "a file is adopted whose name is not lasting",
    file: store,
    from: "      if (!isLasting) yield* this.#syncedFolder();\n",
    to: "",
  },
  {
    name: "a segment is named that is not on the disk",
    file: store,
    from: "if (!this.#ready.has(name)) throw",
    to: "if (name === undefined) throw",
  },
  {
    name: "what was sealed again is still unnamed",
    file: store,
    from: "    this.#unnamed.delete(wholeName(made));\n",
    to: "",
  },
  {
    name: "two files of one segment are written at a time",
    file: store,
    from: "if (this.#busy.has(key)) throw",
    to: "if (key === undefined) throw",
  },
  {
    name: "only the last block is redacted",
    file: "storage/rewriting.ts",
    from:
      "      now = new SealedSegment(erased.tail, blockBytes + erased.tail.length, number, erased.digest, packing);\n",
    to: "",
  },
  {
    name: "a refusal of the system is taken for damage",
    file: "storage/history_errors.ts",
    from: "if (error instanceof Error && lostPattern.test(error.message)) throw",
    to: "if (error instanceof Error) throw",
  },
];

/** The modules as a mutant has them; without one, as they are, but made in the same way. */
function modulesOf(mutant?: Mutant): HistoryModules {
  const exportsOf = changedModules((text, file) =>
    mutant === undefined || file !== `src/${mutant.file}` ? text : mutated(text, mutant, mutant.file)
  );
  const { HistoryStore } = exportsOf("src/storage/history_store.ts") as unknown as HistoryModules;
  const { DecodeError } = exportsOf("src/bytes.ts") as { DecodeError: new (message: string) => Error };
  return { HistoryStore, packing: { ...zstdPacking, unpack } };

  /** Each world has errors of its own. */
  function unpack(packed: Uint8Array, length: number): Uint8Array {
    try {
      return zstdPacking.unpack(packed, length);
    } catch (error) {
      throw new DecodeError((error as Error).message);
    }
  }
}

Deno.test({
  name: "each rule of the files of sealed history is needed (needs --allow-read)",
  ignore,
  fn() {
    const caught = (mutant?: Mutant): boolean => {
      // A mutant that cannot be made is not caught.
      const modules = modulesOf(mutant);
      try {
        checkHistory(modules, 2);
        return false;
      } catch (error) {
        if (mutant === undefined) throw error;
        return true;
      }
    };
    assert(!caught(), "something is caught where no rule is broken");
    for (const mutant of mutants) assert(caught(mutant), mutant.name);
  },
});
