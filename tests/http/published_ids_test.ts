/** A published id is given once, and names one site for ever. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DistinctIds } from "../../src/formats/distinct_ids.ts";
import { wantedId } from "../../src/formats/location_ids.ts";
import { identifierSystems } from "../../src/formats/links_terms.ts";
import type { VaxlogClient } from "../../src/library/client.ts";
import { GatewayStage } from "./stage.ts";

/** The published id of each site, by its name. */
async function published(stage: GatewayStage): Promise<Map<string, string>> {
  // Longer than a publication lasts.
  stage.nowMs += 10_000;
  const { json } = await stage.ask("GET", "/$bulk-publish");
  const { pathname, search } = new URL(json.output[0].url);
  const { text } = await stage.ask("GET", pathname + search);
  const lines = text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  const ids = lines.map(({ id, identifier }) => {
    const { value } = identifier.find(({ system }: { system: string }) => system === identifierSystems.siteName);
    return [value, id] as const;
  });
  assertEquals(new Set(ids.map(([, id]) => id)).size, ids.length);
  return new Map(ids);
}

function documentOf(id: string): string {
  const location = { resourceType: "Location", id, name: id };
  return JSON.stringify({ location, schedules: [], slots: [], source: "https://x.test/$bulk-publish" });
}

Deno.test("sites keep their published ids, whatever happens, and no id names two", async () => {
  const name = fc.constantFrom("Walgreens", "Walgreens (2004)", "Rite Aid", "rite-aid", "Walgreens-2");
  const act = fc.oneof(
    name.map((name) => (client: VaxlogClient) => client.add(name, "02139")),
    fc.tuple(name, fc.constantFrom("2004", "2004-2", "Walgreens")).map(([name, id]) => (client: VaxlogClient) =>
      client.document(name, documentOf(id))
    ),
    fc.tuple(name, name).map(([name, other]) => (client: VaxlogClient) => client.edit(name, { name: other })),
    fc.tuple(name, name).map(([name, other]) => (client: VaxlogClient) => client.merge(name, other)),
    name.map((name) => (client: VaxlogClient) => client.unmerge(name)),
    name.map((name) => (client: VaxlogClient) => client.retire(name, "closed")),
    name.map((name) => (client: VaxlogClient) => client.reopen(name)),
    fc.constant("publish" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40, size: "max" }), async (acts) => {
      await using stage = new GatewayStage();
      const { client } = stage.gateway.services;
      /** The site of each id that was ever published, and the other way round. */
      const [siteOf, idOf] = [new Map<string, number>(), new Map<number, string>()];
      let isFirst = true;
      for (const act of [...acts, "publish" as const]) {
        if (act !== "publish") {
          await act(client);
          continue;
        }
        const sites = (await Array.fromAsync(client.listFull())).flat();
        const earlier = new DistinctIds();
        const wanted = sites.map((site) => [site.name, earlier.take(wantedId(site))] as const);
        const { lastEntry } = await client.summary();
        await stage.gateway.services.reached(lastEntry);
        const ids = await published(stage);
        // The first publication is that of the version before.
        if (isFirst) assertEquals([...ids], wanted);
        isFirst = false;
        assertEquals([...ids.keys()], sites.map(({ name }) => name));
        for (const { id, name } of sites) {
          const own = ids.get(name)!;
          assertEquals([idOf.get(id) ?? own, siteOf.get(own) ?? id], [own, id]);
          idOf.set(id, own);
          siteOf.set(own, id);
        }
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("two gateways give one site one id, and each site its own", async () => {
  await using first = new GatewayStage();
  const { client } = first.gateway.services;
  await client.add("A", "1");
  await client.document("A", documentOf("x"));
  await client.add("B", "1");
  await client.document("B", documentOf("x"));
  // Another one was faster with the second site.
  const outcome = await client.publish("B", "x");
  assert(outcome.kind === "site" && outcome.locationId === "x");
  assertEquals((await client.publish("A", "x")).kind, "taken");
  const again = await client.publish("B", "y");
  assert(again.kind === "site");
  assertEquals([again.effect, again.locationId], ["same", "x"]);
  const { lastEntry } = await client.summary();
  await first.gateway.services.reached(lastEntry);
  assertEquals((await published(first)).get("A"), "x-2");
});
