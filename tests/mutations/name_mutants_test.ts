/**
 * Each rule of how sites are found by their names is needed: if it is broken, the property tests that compare the table
 * with maps fail.
 */

import fc from "fast-check";
import type { SiteTable } from "../../src/database/store/site_table.ts";
import { actAsMaps, crowding, nameSteps, somewhatAlike, stretched } from "../database/store/names.ts";
import { modulesWith, testEachIsNeeded } from "./each_is_needed.ts";
import type { Mutant } from "./mutant.ts";

const names = "database/store/named_records.ts";

const mutants: readonly Mutant[] = [
  {
    name: "a name is not there if another one has its hash",
    file: names,
    from: "      isAlone = false;\n",
    to: "      return noSite;\n",
  },
  { name: "no first name is without a slot", file: names, from: "!isAlone || firsts.isCrowded", to: "!isAlone" },
  {
    name: "a name without a slot is not among the first ones",
    file: names,
    from: "if (other !== noSite || !this.#firsts.isCrowded) return other;",
    to: "return other;",
  },
  {
    name: "the first of those that are alike is the one that was looked up",
    file: names,
    from: "return first !== noSite && this.#isNamed(first, name, start, end) ? first : noSite;",
    to: "return first;",
  },
  { name: "no name is odd", file: names, from: "let isAlone = hash >= 0;", to: "let isAlone = true;" },
  {
    name: "a hash stays unused",
    file: names,
    from: "      this.#unused = -1;\n",
    to: "",
  },
  {
    name: "an odd name is found as a plain one is",
    file: names,
    from: "isFound = shared === hash;",
    to: "isFound = true;",
  },
  {
    name: "a name that is like another one is found as that is",
    file: names,
    from: "let isFound = false;",
    to: "let isFound = first !== noSite;",
  },
  {
    name: "a name that was given up is nobody's",
    file: names,
    from: "const known = this.#looseSize > 0 ? this.#findName(name.bytes, name.start, name.end, hash) : noSite;",
    to: "const known = noSite;",
  },
  {
    name: "a site keeps its former name",
    file: names,
    from: "this.#say(former, ownerAt, noSite);",
    to: "",
  },
  {
    name: "names are like one that was given up",
    file: names,
    from: "if (this.#likeOf(first) === site) this.#say(first, likeAt, noSite);",
    to: "",
  },
  {
    name: "a site that leaves a name takes it from those that are alike",
    file: names,
    from: "if (this.#likeOf(first) === site) this.#say(",
    to: "this.#say(",
  },
  {
    name: "a site that gets a name back is like nobody",
    file: names,
    from: "    this.#say(this.#firstOf(place), likeAt, site);\n",
    to: "",
  },
  {
    name: "the first site counts among those alike",
    file: names,
    from: "if (first !== noSite || place !== site) this",
    to: "if (first === noSite && place !== site) this",
  },
  {
    name: "a site is called as its record says",
    file: names,
    from: "return isOwn ? site :",
    to: "return isOwn || site > 0 ? site :",
  },
  {
    name: "the hash of a plain name tells capitals apart",
    file: "database/store/hash.ts",
    from: "String.fromCharCode(byte).toLowerCase()",
    to: "String.fromCharCode(byte)",
  },
  {
    name: "a name with two spaces is plain",
    file: "database/store/hash.ts",
    from: "letter === 0 || before === space",
    to: "letter === 0",
  },
];

testEachIsNeeded("each rule of how sites are found by their names is needed", mutants, (mutant) => {
  const Changed = modulesWith(mutant)("src/database/store/site_table.ts").SiteTable as new () => SiteTable;
  return [somewhatAlike, crowding, stretched].some((name) => {
    const property = fc.property(nameSteps(name), (steps) => actAsMaps(new Changed(), steps));
    return fc.check(property, { numRuns: mutant === undefined ? 20 : 300, endOnFailure: true, seed: 1 }).failed;
  });
});
