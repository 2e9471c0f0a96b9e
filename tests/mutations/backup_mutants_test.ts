/**
 * Each rule of a directory of backups is needed: if it is broken, a check that the sound modules pass fails.
 */

import { assert } from "@std/assert";
import { type BackupModules, checkBackups } from "../storage/backup_checks.ts";
import { changedModules } from "./changed_modules.ts";
import type { Mutant } from "./mutant.ts";
import { mutated } from "./mutate.ts";

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

const [head, folder, check, names] = ["new_head", "backup_folder", "segment_check", "backup_names"].map((name) =>
  `storage/${name}.ts`
);

const mutants: readonly Mutant[] = [
  {
    name: "a head gets its name before its segments have theirs",
    file: head,
    from: "    yield* synced();\n    files.rename(partialHead, name);",
    to: "    files.rename(partialHead, name);",
  },
  {
    name: "a head gets its name before it is on the disk",
    file: head,
    from: "    yield* synced(partialHead);\n",
    to: "",
  },
  {
    name: "a segment gets its name before it is on the disk",
    file: head,
    from: "    yield* synced(partial);\n",
    to: "",
  },
  {
    name: "a segment gets its name though it is damaged",
    file: head,
    from: "    if (damage !== undefined) {",
    to: "    if (damage !== undefined && damage.part !== 0) {",
  },
  {
    name: "a backup lacks a segment that came damaged",
    file: head,
    from: "      this.#fault ??= damage.message;\n",
    to: "      this.#there.add(wholeName(ref));\n",
  },
  {
    name: "a segment that is there comes again",
    file: head,
    from: "      if (!this.#there.has(wholeName(next))) break;",
    to: "      break;",
  },
  {
    name: "a file that is there is taken for whole",
    file: folder,
    from: "      if (found.damages.length > 0) damaged.push(found);\n      else there.add(name);",
    to: "      there.add(name);",
  },
  {
    name: "only the blocks of a file are compared",
    file: folder,
    from: "      if (error instanceof DamageError) return { name, damages: [error] };\n",
    to: "      if (error instanceof DamageError) return { name, damages: [] };\n",
  },
  {
    name: "a block is not compared",
    file: check,
    from: "    else segment.compare(block, packed);",
    to: "",
  },
  {
    name: "a file is deleted that a backup needs",
    file: folder,
    from: "      for (const file of needs) needed.add(file);",
    to: "      for (const file of needs.slice(1)) needed.add(file);",
  },
  {
    name: "files are deleted though a backup cannot be read",
    file: folder,
    from: "      if (needs === undefined) return { heads: names, files: 0, unreadable: name };",
    to: "      if (needs === undefined) continue;",
  },
  {
    name: "files are deleted before the backups that need them",
    file: folder,
    from: "    if (removed.length > 0) yield* synced();\n",
    to: "",
  },
  {
    name: "a backup that cannot be read is one of those that are kept",
    file: folder,
    from: "    const last = sound.at(keep - 1);",
    to: "    const last = heads.at(keep - 1);",
  },
  {
    name: "the backup that was made is deleted",
    file: folder,
    from: "earlier.filter(({ name }) => name !== made)",
    to: "earlier",
  },
  {
    name: "the oldest backup is kept",
    file: names,
    from: "b.index - a.index",
    to: "a.index - b.index",
  },
];

/** The modules as a mutant has them; without one, as they are, but made in the same way. */
function modulesOf(mutant?: Mutant): BackupModules {
  const exportsOf = changedModules((text, file) =>
    mutant === undefined || file !== `src/${mutant.file}` ? text : mutated(text, mutant, mutant.file)
  );
  return exportsOf("src/storage/backup_folder.ts") as unknown as BackupModules;
}

Deno.test({
  name: "each rule of a directory of backups is needed (needs --allow-read)",
  ignore,
  fn() {
    const caught = (mutant?: Mutant): boolean => {
      const modules = modulesOf(mutant);
      try {
        checkBackups(modules, 4);
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
