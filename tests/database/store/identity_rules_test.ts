/** Sites are found by their identifiers, and published under ids. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError } from "../../../src/bytes.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { Sites } from "./machine.ts";
import { foundSitesMax, locationIdMax } from "../../../src/limits.ts";
import type { Identifier } from "../../../src/database/values.ts";
import { earlierSnapshot } from "./earlier.ts";
import { applyOne, restored } from "./memory.ts";

const recordedAt = 1_000;
const first = "Harvard University";

function add(sites: Sites, ...names: string[]): void {
  for (const name of names) {
    assertEquals(applyOne(sites, { kind: "add", name, zip: "02139", recordedAt }).status, "done");
  }
}

function identify(sites: Sites, name: string, system: string, value: string, more: object = {}): string {
  const edits = { identifiers: [{ system, value }] };
  return applyOne(sites, { kind: "edit", name, edits, recordedAt, ...more } as Command).status;
}

function merge(sites: Sites, name: string, into: string): void {
  assertEquals(applyOne(sites, { kind: "merge", name, into, recordedAt }).status, "done");
}

/** The names of the sites that have an identifier, each with the alias through which it was found. */
function found(sites: Sites, system: string, value: string): unknown {
  const identifier: Identifier = { system, value };
  const output = applyOne(sites, { kind: "find", identifier });
  assert(output.status === "found");
  return output.sites.map(({ name, alias }) => alias === undefined ? [name] : [name, alias.name]);
}

function publish(sites: Sites, name: string, locationId: string): unknown {
  const output = applyOne(sites, { kind: "publish", name, locationId, recordedAt });
  if (output.status === "published") return [output.effect, output.locationId];
  return output.status === "taken" ? [output.status, output.state.name] : output.status;
}

Deno.test("sites are found by a system and a value together, as long as they have them", () => {
  const sites = new Sites();
  add(sites, "MIT");
  identify(sites, first, "s", "1");
  identify(sites, "MIT", "t", "1");
  for (const each of [sites, restored(sites)]) {
    assertEquals([found(each, "s", "1"), found(each, "t", "1"), found(each, "s", "2")], [[[first]], [["MIT"]], []]);
  }
  identify(sites, first, "s", "2");
  identify(sites, "MIT", "t", "");
  for (const each of [sites, restored(sites)]) {
    assertEquals([found(each, "s", "1"), found(each, "t", "1"), found(each, "s", "2")], [[], [], [[first]]]);
  }
});

Deno.test("a look-up gives each site once, through the first of those merged into it, and a few at most", () => {
  const sites = new Sites();
  const names = Array.from({ length: foundSitesMax + 2 }, (_, at) => `site ${at}`);
  add(sites, ...names);
  for (const name of names) identify(sites, name, "s", "1");
  for (const name of names.slice(0, 2)) merge(sites, name, first);
  assertEquals(found(sites, "s", "1"), [[first, "site 0"], ...names.slice(2, foundSitesMax + 1).map((name) => [name])]);
  assertEquals(found(restored(sites), "s", "1"), found(sites, "s", "1"));
});

Deno.test("an identifier that must be unique is refused where another site has it, but not of merged ones", () => {
  const sites = new Sites();
  add(sites, "MIT", "Tufts");
  const unique = { unique: true };
  assertEquals(identify(sites, "MIT", "s", "1", unique), "done");
  assertEquals(identify(sites, first, "s", "1", unique), "taken");
  // Only who asks for it is refused; and to say again what the site has is nothing new.
  assertEquals([identify(sites, "MIT", "s", "1", unique), identify(sites, "Tufts", "s", "1")], ["done", "done"]);
  merge(sites, "MIT", first);
  assertEquals(identify(sites, first, "s", "1", unique), "taken");
  merge(sites, "Tufts", first);
  assertEquals(identify(sites, first, "s", "1", unique), "done");
});

Deno.test("a site is published under one id for ever, and an id names one site", () => {
  const sites = new Sites();
  add(sites, "MIT");
  assertEquals(publish(sites, first, "a.B-3"), ["changed", "a.B-3"]);
  assertEquals([publish(sites, "MIT", "a.B-3"), publish(sites, "MIT", "a.b-3")], [["taken", first], [
    "changed",
    "a.b-3",
  ]]);
  const entries = sites.lastEntry;
  assertEquals([publish(sites, first, "other"), sites.lastEntry], [["same", "a.B-3"], entries]);
  merge(sites, "MIT", first);
  add(sites, "Tufts");
  for (const each of [sites, restored(sites)]) {
    assertEquals([publish(each, "MIT", "x"), publish(each, "Tufts", "a.b-3")], [["same", "a.B-3"], ["taken", first]]);
  }
  for (const id of ["", "a b", "a/b", "ä", "a".repeat(locationIdMax + 1)]) {
    assertEquals(publish(sites, "Tufts", id), "invalid", id);
  }
  assertEquals(publish(sites, "Tufts", "a".repeat(locationIdMax)), ["changed", "a".repeat(locationIdMax)]);
});

Deno.test("Sites.restore() refuses a log that publishes two sites under one id", () => {
  const sites = new Sites();
  add(sites, "MIT");
  publish(sites, first, "id-1");
  publish(sites, "MIT", "id-2");
  for (const bytes of [sites.snapshot(), earlierSnapshot(sites)]) {
    const at = new TextDecoder("latin1").decode(bytes).indexOf("id-2");
    bytes[at + 3] = "1".charCodeAt(0);
    assertThrows(() => new Sites().restore(bytes), DecodeError, "two sites are published under one id");
  }
});
