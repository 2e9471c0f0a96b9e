import { assert, assertEquals, assertRejects } from "@std/assert";
import { AnswerError, type Site, ValueError, VaxlogClient } from "../src/client.ts";
import { MemoryCluster } from "./database/memory.ts";

async function namesOf(pages: AsyncIterable<Site[]>): Promise<string[][]> {
  return (await Array.fromAsync(pages)).map((page) => page.map(({ name }) => name));
}

Deno.test("VaxlogClient views, sets and adds, and tells every outcome", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  const harvard = { name: "Harvard University", zip: "02138" };
  assertEquals(await client.view(" Harvard University "), {
    kind: "site",
    site: { ...harvard, availability: 0 },
    index: 1,
  });
  assertEquals(await client.set("Harvard University", true), {
    kind: "site",
    site: { ...harvard, availability: true },
    index: 2,
  });
  assertEquals(await client.add("Cafe\u0301", " 00501 "), {
    kind: "site",
    site: { name: "Café", zip: "00501", availability: 0 },
    index: 3,
  });
  assertEquals(await client.add("Café", "1"), {
    kind: "exists",
    site: { name: "Café", zip: "00501", availability: 0 },
    index: 4,
  });
  assertEquals(await client.view("MIT "), { kind: "unknownSite", name: "MIT", index: 5 });
  assertEquals(await client.set("MIT", 1), { kind: "unknownSite", name: "MIT", index: 6 });
});

Deno.test("VaxlogClient rejects bad values before it submits anything", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  await assertRejects(() => client.view(""), ValueError);
  await assertRejects(() => client.add("MIT", "2139x"), ValueError, '"2139x"');
  for (const value of [-1, 0.5, NaN, 2 ** 53]) await assertRejects(() => client.set("MIT", value), ValueError);
  for (const limit of [0, -1, 1.5]) await assertRejects(() => client.list({ limit }).next(), ValueError);
  assertEquals(cluster.submitted, 0);
});

Deno.test("VaxlogClient.list() pages through everything in order, from and up to where it is told", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  const long = "x".repeat(190);
  for (let at = 0; at < 1_000; at++) await client.add(`${long} ${String(at).padStart(4, "0")}`, "1");
  const pages = await namesOf(client.list());
  assert(pages.length > 2);
  assertEquals(pages.flat().length, 1_001);
  assertEquals(pages.flat(), pages.flat().toSorted());
  assertEquals(await namesOf(client.list({ after: `${long} 0997` })), [[`${long} 0998`, `${long} 0999`]]);
  assertEquals(await namesOf(client.list({ limit: 2 })), [["Harvard University", `${long} 0000`]]);
  const limited = await namesOf(client.list({ after: "Harvard University", limit: 500 }));
  assertEquals([limited.length, limited.flat().length], [2, 500]);
  assertEquals(await namesOf(client.list({ after: "z" })), []);
});

Deno.test("VaxlogClient.list() reads no page that nobody asks for", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  const pages = client.list();
  await pages.next();
  await pages.return(undefined);
  assertEquals(cluster.submitted, 1);
});

Deno.test("VaxlogClient may have many commands in flight that share one buffer", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  await client.add("MIT", "02139");
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, (_, at) => client.set(at % 2 === 0 ? "MIT" : "Harvard University", at)),
  );
  for (const [at, outcome] of outcomes.entries()) {
    assert(outcome.kind === "site");
    assertEquals(outcome.site.availability, at);
  }
});

Deno.test("VaxlogClient passes on why the cluster refuses", async () => {
  const cluster = new MemoryCluster();
  cluster.insteads.push(
    () => Promise.resolve({ output: new Uint8Array([5]), index: 7 }),
    () => Promise.resolve({ output: new Uint8Array([4, 2, 110, 111]), index: 8 }),
  );
  const client = new VaxlogClient(cluster);
  const outcome = await client.set("Harvard University", 1);
  assert(outcome.kind === "refused" && outcome.reason.includes("send it again"));
  assertEquals(await client.view("Harvard University"), { kind: "refused", reason: "no", index: 8 });
});

Deno.test("VaxlogClient throws AnswerError at answers that cannot be", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  const answer = (...bytes: number[]) =>
    cluster.insteads.push(() => Promise.resolve({ output: new Uint8Array(bytes), index: 1 }));
  answer(99);
  await assertRejects(() => client.view("A"), AnswerError, "one version");
  answer(2);
  await assertRejects(() => client.add("A", "1"), AnswerError);
  answer(3, 11, 0);
  await assertRejects(() => client.set("A", 1), AnswerError);
  answer(2);
  await assertRejects(() => client.list().next(), AnswerError);
  answer(5);
  await assertRejects(() => client.list().next(), AnswerError, "did not list");
});

Deno.test("VaxlogClient passes the errors of the session through", async () => {
  const cluster = new MemoryCluster();
  const lost = new Error("lost");
  cluster.insteads.push(() => Promise.reject(lost));
  assertEquals(await assertRejects(() => new VaxlogClient(cluster).view("A")), lost);
});
