/**
 * Each rule of copies with sealed history is needed: if it is broken, a check that the sound modules pass fails.
 */

import { assert } from "@std/assert";
import { checkCopies, type CopyModules } from "../net/replica/copy_checks.ts";
import { changedModules } from "./changed_modules.ts";
import type { Mutant } from "./mutant.ts";
import { mutated } from "./mutate.ts";

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

const [copier, whole] = ["copier", "whole_copy"].map((name) => `net/server/${name}.ts`);

const mutants: readonly Mutant[] = [
  {
    name: "a copy has what was redacted",
    file: copier,
    from: "return redactionsDue.length > 0;",
    to: "return redactionsDue.length < 0;",
  },
  {
    name: "nobody hurries what a copy waits for",
    file: copier,
    from: "      history.hurry();\n",
    to: "",
  },
  {
    name: "a copier waits for ever",
    file: copier,
    from: "      if (executed >= atLeast) {",
    to: "      if (executed >= atLeast) {\n        continue;",
  },
  {
    name: "the files of a copy are never released",
    file: copier,
    from: "    copy.release();\n",
    to: "",
  },
  {
    name: "nobody is told that files were released",
    file: copier,
    from: "    this.host.history?.released();\n",
    to: "",
  },
  {
    name: "the files of a whole copy are kept while its link is there",
    file: copier,
    from: "      if (final) this.#end(asker);\n",
    to: "",
  },
  {
    name: "a copy names files that its replica does not have",
    file: copier,
    from: "if (held.segments.length < copied.named.length) {",
    to: "if (held.segments.length > copied.named.length) {",
  },
  {
    name: "a part of the state is left out",
    file: whole,
    from: 'if (this.#snapshot.next !== "nothing" || this.#listed < this.#list.length) return false;',
    to: "",
  },
  {
    name: "more is left out than there is",
    file: whole,
    from: "    if (at === segments.length && left > 0) return false;\n",
    to: "",
  },
  {
    name: "a copy ends with its state",
    file: whole,
    from: "&& this.#listed === this.#list.length &&\n      this.#at === this.#held.segments.length;",
    to: ";",
  },
];

/** The modules as a mutant has them; without one, as they are, but made in the same way. */
function modulesOf(mutant?: Mutant): CopyModules {
  const exportsOf = changedModules((text, file) =>
    mutant === undefined || file !== `src/${mutant.file}` ? text : mutated(text, mutant, mutant.file)
  );
  return { ...exportsOf("src/net/server/copier.ts"), ...exportsOf("src/net/server/whole_copy.ts") } as CopyModules;
}

Deno.test({
  name: "each rule of copies with sealed history is needed (needs --allow-read)",
  ignore,
  fn() {
    const caught = (mutant?: Mutant): boolean => {
      const modules = modulesOf(mutant);
      try {
        checkCopies(modules);
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
