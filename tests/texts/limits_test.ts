/** docs/reference/limits.md gives the bounds that the code has. */

import { assert, assertEquals } from "@std/assert";
import page from "../../docs/reference/limits.md" with { type: "text" };
import { followBackoffMs } from "../../src/cli/import_follow.ts";
import { inputSilentMs } from "../../src/cli/inputs.ts";
import { replicasMax } from "../../src/cluster/launcher_events.ts";
import { jsonDepthMax } from "../../src/formats/json_text.ts";
import { inputLineBytesMax } from "../../src/formats/lines.ts";
import { manifestBytesMax } from "../../src/formats/links_manifest.ts";
import { feedBytesMax } from "../../src/formats/scheduling_links.ts";
import * as limits from "../../src/limits.ts";
import { wastedLinkBytes } from "../../src/net/server/accept_pace.ts";

/** The bounds that the page may name: those that several rooms share, and those that are beside their users. */
const bounds: Readonly<Record<string, unknown>> = {
  ...limits,
  feedBytesMax,
  followBackoffMs,
  inputLineBytesMax,
  inputSilentMs,
  jsonDepthMax,
  manifestBytesMax,
  replicasMax,
  wastedLinkBytes,
};

/** A bound as the page writes it: the name says which unit it has. */
function textOf(name: string, value: number): string {
  const units: [unit: string, size: number][] = /Ms(?:$|Max|Min)/.test(name)
    ? [["h", 3_600_000], ["min", 60_000], ["s", 1_000], ["ms", 1]]
    : /Bytes(?:$|Max|Min)/.test(name)
    ? [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]]
    : [];
  for (const [unit, size] of units) if (value % size === 0) return `${value / size} ${unit}`;
  return value.toLocaleString("en-US");
}

Deno.test("docs/reference/limits.md gives the bounds that the code has", () => {
  const rows = [...page.matchAll(/^\|[^|]+\| +([^|]+?) +\| `(\w+)` +\|$/gm)];
  assert(rows.length > 25);
  for (const [, bound, name] of rows) {
    const value = bounds[name];
    assert(typeof value === "number", `"${name}" is not a bound that this test knows`);
    assertEquals([name, bound], [name, textOf(name, value)]);
  }
});

Deno.test("textOf() writes a bound with the unit that its name has", () => {
  assertEquals(textOf("leaseMs", 2_000), "2 s");
  assertEquals(textOf("observedAheadMsMax", 90_000), "90 s");
  assertEquals(textOf("frameBytesMax", 48 * 1024), "48 KiB");
  assertEquals(textOf("noteBytesMax", 280), "280");
  assertEquals(textOf("linksMax", 10_000), "10,000");
});
