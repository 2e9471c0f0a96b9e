/**
 * The real feed of Rite Aid in New Jersey, imported by the client and published again by the gateway.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { assertValidFeed } from "../formats/feed_checks.ts";
import { testNeeding } from "../net/needing.ts";
import { sharedFolder } from "../shared_data.ts";
import { Program } from "./program.ts";

const { url: folder, why } = sharedFolder("rite-aid-nj-2023-03-24");

/** A resource of FHIR: what it looks like, its kind says. */
type Resource = Readonly<Record<string, ReturnType<typeof JSON.parse>>> & { readonly id: string };

function resourcesOf(text: string): Resource[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** A resource without some of its members. */
function without(resource: Resource, ...names: string[]): object {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !names.includes(name)));
}

/** Each as text, word for word, in an order that does not depend on how they came. */
function sorted(resources: readonly unknown[]): string[] {
  return resources.map((resource) => JSON.stringify(resource)).toSorted();
}

/** All resources without that of the initial site, which is not in the feed and has no report. */
function ours(resources: readonly Resource[], count: number, others = 1): Resource[] {
  const found = resources.filter(({ id }) => id !== "Harvard-University");
  assertEquals([found.length, resources.length], [count, count + others]);
  return found;
}

/** The feed, by its own word. */
const source = "https://api.riteaid.com/digital/vaccine-provider/$bulk-publish/";

// docs/reference/http.md says what is counted here.

/** They have the zero of their ZIP code again, and say what they are called here and where they are from. */
function checkLocations(before: readonly Resource[], published: readonly Resource[]): void {
  const after = ours(published, 112);
  const names = ["identifier", "address", "meta"];
  assertEquals(sorted(after.map((it) => without(it, ...names))), sorted(before.map((it) => without(it, ...names))));
  const changes: Record<string, number> = {};
  const count = (what: string, holds: boolean) => changes[what] = (changes[what] ?? 0) + Number(holds);
  for (const it of before) {
    const now = after.find(({ id }) => id === it.id)!;
    const [{ postalCode: from, ...address }, { postalCode: to, ...addressNow }] = [it.address, now.address];
    assertEquals(addressNow, address);
    count("zero", to === `0${from}`);
    count("zero, and no extension", from === "8015-385" && to === "08015");
    count("identifiers", now.identifier.length === it.identifier.length + 2);
    // Its id in the feed that it came from, those of that feed, and what it is called here.
    const [inFeed, ...others] = now.identifier;
    assertEquals(inFeed, { system: source, value: it.id });
    assertEquals(others.slice(0, -1), it.identifier);
    assertEquals(others.at(-1).system, "urn:vaxlog:site-name");
    count("meta", it.meta === undefined && now.meta !== undefined);
    assertEquals(now.meta.source, source);
    assertEquals(now.meta.extension.map(({ valueDateTime }: Resource) => valueDateTime), ["2023-03-24T20:27:12.613Z"]);
  }
  assertEquals(changes, { zero: 111, "zero, and no extension": 1, identifiers: 112, meta: 112 });
}

/** The first of several slots with one id keeps it, and each other one has an id of its own. */
function checkSlots(before: readonly Resource[], published: readonly Resource[]): void {
  const after = ours(published, 1542, 0);
  const seen = new Map<string, number>();
  const expected = before.map((it) => {
    const nth = (seen.get(it.id) ?? 0) + 1;
    seen.set(it.id, nth);
    return nth === 1 ? it : { ...it, id: `${it.id}-${nth}` };
  });
  assertEquals([seen.size, before.length - seen.size], [112, 1430]);
  assertEquals(sorted(after), sorted(expected));
  const idsOf = (slots: readonly Resource[]) => slots.map(({ id }) => id).filter((id) => /^116(-|$)/.test(id));
  assertEquals(idsOf(after), idsOf(expected));
}

/** It is of this publication, and says what whoever polls is told. */
function checkManifest(before: Resource, after: Resource, request: string): void {
  const { transactionTime, output, request: said, requiresAccessToken, ...rest } = after;
  assertEquals([said, requiresAccessToken, transactionTime === before.transactionTime], [request, false, false]);
  assertEquals(
    { ...rest, schedule: null, location: null, slots: null },
    without(before, "transactionTime", "output", "request"),
  );
  const states = ({ output }: Resource) => output.map(({ extension }: Resource) => extension?.state.includes("NJ"));
  assertEquals([states(before), states(after)], [[undefined, undefined, true], [true, true, true]]);
  assertEquals(output.map(({ type }: Resource) => type), before.output.map(({ type }: Resource) => type));
}

if (why === "") {
  testNeeding(
    ["run", "net", "read", "write"],
    "the real feed is published as it came, except for its faults",
    async () => {
      // The feed is of 2023.
      const start = ["3", "--base-port", "0", "--http", "0", "--stale-after", "3653d", "--public-read"];
      const servers = new Program("servers without task", ...start);
      const [, ports] = await servers.said(/Clients: deno task client (.*)/);
      const [, url] = await servers.said(/The page: (\S+\/)#/);
      const place = new URL("bulk-publish.json", folder).pathname;
      const imported = await Program.run("client", [...ports.split(" "), "import", place]);
      assertEquals([imported.code, imported.stdout.split("\n")[0]], [
        0,
        "112 sites added, 0 changed, 0 the same as before, 0 out of date",
      ]);
      // The gateway has the last entry when it tells who watches of it.
      const { lastEntry } = await (await fetch(`${url}api/summary`)).json();
      const events = await fetch(`${url}api/events?after=${lastEntry - 1}`);
      for await (const text of events.body!.pipeThrough(new TextDecoderStream())) if (text.includes("id: ")) break;
      const response = await fetch(`${url}$bulk-publish`);
      // Each of 113 sites got its id when it was published first.
      assertMatch(
        response.headers.get("etag") ?? "",
        new RegExp(`^"[0-9a-f]{12}-${lastEntry + 113}@127\\.0\\.0\\.1:\\d+"$`),
      );
      const manifest = await response.text();
      const files: Record<string, string> = {};
      for (const { url } of JSON.parse(manifest).output) {
        files[url.slice(url.lastIndexOf("/") + 1)] = await (await fetch(url)).text();
      }
      assertValidFeed({ manifest, files });

      const original = async (file: string) => resourcesOf(await Deno.readTextFile(new URL(file, folder)));
      checkLocations(await original("locations.ndjson"), resourcesOf(files["locations.ndjson"]));
      checkSlots(await original("slots.ndjson"), resourcesOf(files["slots.ndjson"]));
      const schedules = ours(resourcesOf(files["schedules.ndjson"]), 112);
      assertEquals(sorted(schedules), sorted(await original("schedules.ndjson")));
      checkManifest(JSON.parse(await Deno.readTextFile(place)), JSON.parse(manifest), `${url}$bulk-publish`);
      await servers.type("quit\n");
      assertEquals((await servers.end()).code, 0);
    },
  );
} else {
  Deno.test({
    name: `the real feed is published again (${why})`,
    ignore: true,
    fn() {},
  });
}
