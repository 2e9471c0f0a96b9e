/**
 * Tests that each of some rules is needed, because something fails when it is broken.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { changedModules } from "./changed_modules.ts";
import type { Mutant } from "./mutant.ts";
import { mutated } from "./mutate.ts";

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

/** What catches a mutant, or whether something does; without a mutant, no rule is broken. */
type Caught = (mutant?: Mutant) => string | boolean;

/** A test that each mutant is caught, and that nothing is where no rule is broken. */
export function testEachIsNeeded(name: string, mutants: readonly Mutant[], caught: Caught): void {
  Deno.test({
    name: `${name} (needs --allow-read)`,
    ignore,
    fn() {
      assertEquals(caught() || "nothing", "nothing", "something is caught where no rule is broken");
      for (const mutant of mutants) assert(caught(mutant), mutant.name);
    },
  });
}

/** A file of the project, with what the mutant changes in it. */
export function textWith(mutant: Mutant | undefined, text: string, file: string): string {
  return mutant === undefined || !file.startsWith("src/") ? text : mutated(text, mutant, file.slice("src/".length));
}

/** Modules in a world in which one rule is broken; see {@link changedModules}. */
export function modulesWith(mutant: Mutant | undefined): ReturnType<typeof changedModules> {
  return changedModules((text, file) => textWith(mutant, text, file));
}
