/**
 * The real feed of Rite Aid in New Jersey, imported by the client and published again by the gateway.
 */

import { assertEquals } from "@std/assert";
import { assertValidFeed } from "../formats/validator.ts";
import { testNeeding } from "../net/needing.ts";
import { Program } from "./program.ts";

const folder = new URL("../../../shared/data/rite-aid-nj-2023-03-24/", import.meta.url);

/** A resource of FHIR. */
type Resource = Readonly<Record<string, unknown>> & { readonly id: string };

function isThere(): boolean {
  if (Deno.permissions.querySync({ name: "read" }).state !== "granted") return true;
  try {
    return Deno.statSync(folder).isDirectory;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

function resourcesOf(text: string): Resource[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** A resource without some of its members. */
function without(resource: Resource, ...names: string[]): unknown {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !names.includes(name)));
}

/** Each as text, in an order that does not depend on how they came. */
function sorted(resources: readonly unknown[]): string[] {
  return resources.map((resource) => JSON.stringify(resource)).toSorted();
}

if (isThere()) {
  testNeeding(
    ["run", "net", "read", "write"],
    "the real feed is published as it came, but for its faults",
    async () => {
      const servers = new Program("servers without task", "3", "--base-port", "0", "--http", "0");
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
      assertEquals(response.headers.get("etag"), `"${lastEntry}"`);
      const manifest = await response.text();
      const files: Record<string, string> = {};
      for (const { url } of JSON.parse(manifest).output) {
        files[url.slice(url.lastIndexOf("/") + 1)] = await (await fetch(url)).text();
      }
      assertValidFeed({ manifest, files });

      // The site that a fresh database has is no part of the feed.
      const ours = (resources: Resource[]) => resources.filter(({ id }) => !id.startsWith("Harvard"));
      const original = async (file: string) => resourcesOf(await Deno.readTextFile(new URL(file, folder)));
      // Locations have their ZIP code's zero again, and say what they are called here and where they are from.
      const changed = ["identifier", "address", "meta"];
      assertEquals(
        sorted(ours(resourcesOf(files["locations.ndjson"])).map((it) => without(it, ...changed))),
        sorted((await original("locations.ndjson")).map((it) => without(it, ...changed))),
      );
      // Schedules are word for word the same, but for the order of what is in them.
      assertEquals(ours(resourcesOf(files["schedules.ndjson"])).length, 112);
      // Of 1,542 Slots that shared 112 ids, each has one of its own; all else of them is as it was.
      const slots = ours(resourcesOf(files["slots.ndjson"]));
      assertEquals(new Set(slots.map(({ id }) => id)).size, 1542);
      assertEquals(
        sorted(slots.map((it) => without(it, "id"))),
        sorted((await original("slots.ndjson")).map((it) => without(it, "id"))),
      );
      await servers.type("quit\n");
      assertEquals((await servers.end()).code, 0);
    },
  );
} else {
  Deno.test({
    name: "the real feed is published again (needs ../shared/data, which is not there)",
    ignore: true,
    fn() {},
  });
}
