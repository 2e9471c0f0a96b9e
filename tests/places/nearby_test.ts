import { assertEquals, assertRejects } from "@std/assert";
import { ValueError, VaxlogClient } from "../../src/library/client.ts";
import { nearbySites } from "../../src/places/nearby.ts";
import { MemoryCluster } from "../database/store/memory.ts";

/** A document of a feed that says where its site is. */
function documentAt(latitude: unknown, longitude: unknown): string {
  return JSON.stringify({ location: { resourceType: "Location", id: "1", position: { latitude, longitude } } });
}

async function stage(): Promise<VaxlogClient> {
  const client = new VaxlogClient(new MemoryCluster());
  // A fresh database has Harvard University, 02138.
  await client.add("Fenway", "02215");
  await client.add("Salem", "019701234");
  await client.add("Manhattan", "10001");
  await client.add("Nowhere", "00001");
  await client.set("Salem", 5);
  return client;
}

Deno.test("nearbySites() gives the sites within a distance, the nearest first", async () => {
  const client = await stage();
  const near = async (within?: number) => {
    const sites = await nearbySites(client, { near: "02138", within });
    return sites.map(({ name, miles }) => [name, miles]);
  };
  assertEquals(await near(), [["Harvard University", 0], ["Fenway", 2.4]]);
  assertEquals(await near(1), [["Harvard University", 0]]);
  assertEquals((await near(50)).map(([name]) => name), ["Harvard University", "Fenway", "Salem"]);
  assertEquals((await near(300)).map(([name]) => name), ["Harvard University", "Fenway", "Salem", "Manhattan"]);
});

Deno.test("nearbySites() keeps what the other options keep, and no more than the limit", async () => {
  const client = await stage();
  const names = async (options: object) => {
    return (await nearbySites(client, { near: "02138", within: 300, ...options })).map(({ name }) => name);
  };
  assertEquals(await names({ available: true }), ["Salem"]);
  assertEquals(await names({ zip: "02" }), ["Harvard University", "Fenway"]);
  assertEquals(await names({ limit: 1 }), ["Harvard University"]);
  await client.retire("Fenway", "closed");
  assertEquals(await names({ zip: "02" }), ["Harvard University"]);
  assertEquals(await names({ zip: "02", retired: true }), ["Harvard University", "Fenway"]);
});

Deno.test("nearbySites() goes by the position that a feed states, and by the ZIP code if that is none", async () => {
  const client = await stage();
  // A mile from Harvard, whatever its ZIP code says; and one that no ZIP code places.
  await client.document("Salem", documentAt(42.3901, -71.1208));
  await client.document("Nowhere", documentAt(42.3773, -71.1167));
  await client.document("Fenway", documentAt("42", 999));
  const sites = await nearbySites(client, { near: "02138", within: 3 });
  assertEquals(sites.map(({ name }) => name).sort(), ["Fenway", "Harvard University", "Nowhere", "Salem"]);
});

Deno.test("nearbySites() looks through more sites than one page has", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  for (let at = 0; at < 3_000; at++) await client.add(`Site ${at}`, at % 2 === 0 ? "02139" : "90001");
  const sites = await nearbySites(client, { near: "02139", within: 0.5 });
  assertEquals(sites.length, 1_500);
  assertEquals(sites.slice(0, 3).map(({ name }) => name), ["Site 0", "Site 10", "Site 100"]);
});

Deno.test("nearbySites() says which ZIP code it cannot place", async () => {
  const client = await stage();
  await assertRejects(
    () => nearbySites(client, { near: "00001" }),
    ValueError,
    'Nobody knows where the ZIP code "00001" is: give another one near it',
  );
});
