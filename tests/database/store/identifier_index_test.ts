/** The sites that have an identifier are found, in whatever order identifiers came and went. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { entryKinds } from "../../../src/database/wire/entries.ts";
import { editMarks } from "../../../src/database/wire/entry_fields.ts";
import { encodeIdentifiers } from "../../../src/database/wire/identifiers.ts";
import { packZip } from "../../../src/database/wire/packed.ts";
import { TextRange } from "../../../src/database/wire/text_range.ts";
import { LogEntry } from "../../../src/database/store/log_entry.ts";
import { SiteLog } from "./machine.ts";
import type { Identifier } from "../../../src/database/values.ts";
import { collidingNames } from "./collisions.ts";

const encoder = new TextEncoder();

function textOf(text: string): TextRange {
  const bytes = encoder.encode(text);
  const range = new TextRange();
  range.set(bytes, 0, bytes.length);
  return range;
}

/** Sites with identifiers, and a model of them. */
class Stage {
  readonly sites = new SiteLog();
  readonly #model = new Map<number, readonly Identifier[]>();

  add(): number {
    const entry = new LogEntry();
    entry.kind = entryKinds.added;
    entry.name.copy(textOf(`Site ${this.sites.table.size}`));
    entry.zip = packZip("02138");
    this.sites.record(entry);
    this.#model.set(entry.site, []);
    return entry.site;
  }

  /** @param identifiers all that the site has from then on. */
  identify(site: number, identifiers: readonly Identifier[]): void {
    const entry = new LogEntry();
    entry.kind = entryKinds.edited;
    entry.site = site;
    entry.edits = editMarks.identifiers;
    const bytes = encodeIdentifiers(identifiers);
    entry.identifiers.set(bytes, 0, bytes.length);
    this.sites.record(entry);
    this.#model.set(site, identifiers);
  }

  find(system: string, value: string, most = Infinity): number[] {
    const found: number[] = [];
    this.sites.identifiers.visit(textOf(system), textOf(value), (site) => {
      found.push(site);
      return found.length < most;
    });
    return found;
  }

  /** Fails unless everything is found that the model has, and nothing else. */
  check(systems: readonly string[], values: readonly string[]): void {
    for (const system of systems) {
      for (const value of values) {
        const wanted = [...this.#model].filter(([, identifiers]) =>
          identifiers.some((each) => each.system === system && each.value === value)
        ).map(([site]) => site);
        assertEquals(this.find(system, value), wanted, `${system} ${value}`);
        assertEquals(this.find(system, value, 2), wanted.slice(0, 2));
      }
    }
    assertEquals(this.sites.identifiers.size, [...this.#model.values()].flat().length);
  }
}

/** All changes of the identifiers of a few sites. */
function propertyOf(systems: readonly string[], values: readonly string[]) {
  const identifiers = fc.uniqueArray(
    fc.record({ system: fc.constantFrom(...systems), value: fc.constantFrom(...values) }),
    { selector: ({ system }) => system, maxLength: 4 },
  );
  const changes = fc.array(fc.tuple(fc.nat(5), identifiers), { maxLength: 40, size: "max" });
  return fc.property(changes, (changes) => {
    const stage = new Stage();
    const sites = Array.from({ length: 6 }, () => stage.add());
    for (const [at, identifiers] of changes) {
      stage.identify(sites[at], identifiers);
      stage.check(systems, values);
    }
  });
}

Deno.test("IdentifierIndex finds by system and value what sites have now, in the order of the sites", () => {
  fc.assert(propertyOf(["a", "b", "ab", "https://example.org/ids"], ["a", "1", "b1", "22"]), { numRuns: 60 });
});

Deno.test("IdentifierIndex tells identifiers of one hash apart", () => {
  fc.assert(propertyOf(collidingNames(4), collidingNames(4)), { numRuns: 40 });
});

Deno.test("IdentifierIndex finds an identifier of thousands of sites, and takes it away from each", () => {
  const stage = new Stage();
  const sites = Array.from({ length: 3_000 }, () => stage.add());
  const same = [{ system: "s", value: "same" }];
  for (const site of sites.toReversed()) stage.identify(site, same);
  assertEquals(stage.find("s", "same"), sites);
  assertEquals(stage.find("s", "same", 3), sites.slice(0, 3));
  for (const site of sites.filter((site) => site % 7 !== 0)) stage.identify(site, []);
  assertEquals(stage.find("s", "same"), sites.filter((site) => site % 7 === 0));
  // Links that were given up are used again.
  for (const site of sites) stage.identify(site, [{ system: "s", value: `${site}` }]);
  assertEquals(stage.find("s", "same"), []);
  assertEquals(sites.flatMap((site) => stage.find("s", `${site}`)), sites);
  assertEquals(stage.sites.identifiers.size, sites.length);
});
