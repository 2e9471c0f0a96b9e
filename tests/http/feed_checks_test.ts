/** The published feed passes the checks of the public test kit, whatever it is made of. */

import { assertEquals } from "@std/assert";
import { testNeeding } from "../net/needing.ts";
import { Stage } from "../cli/stage.ts";
import { advice, assertPasses, faultsOf } from "../formats/feed_checks.ts";
import { realFeed, realTest } from "../formats/real_feed.ts";
import { fetchChecked, gatewayTo } from "./checked_gateway.ts";

const sample = new URL("../../examples/feed/", import.meta.url);

async function run(stage: Stage, ...args: string[]): Promise<void> {
  assertEquals(await stage.run("8892", ...args), 0, stage.stderr);
}

/** Checks of telephone numbers and links, which nobody has given to a database of our own. */
const unsaid = ["location-telecom-both", "slot-long", "slot-reach"];

Deno.test("a feed of own sites, with a VTrckS PIN by edit, passes all checks", async () => {
  const client = new Stage();
  await run(client, "edit", "Harvard University", "--vtrcks", "maa001234");
  await run(client, "add", "Pharmacy 薬局", "08332");
  await run(client, "edit", "Pharmacy 薬局", "--identifier", "https://cdc.gov/vaccines/programs/vtrcks=NJA12");
  for (const [at, value] of ["40", "0", "True", "False", "Unknown"].entries()) {
    await run(client, "add", `Site ${at}`, "02139");
    await run(client, "set", `Site ${at}`, value, "--unit", at % 2 === 0 ? "doses" : "appointments");
  }
  await run(client, "add", "Many", "02139");
  await run(client, "set", "Many", "3000000000", "--unit", "appointments");
  await run(client, "add", "Closed", "02139");
  await run(client, "retire", "Closed", "--reason", "closed");
  await using stage = await gatewayTo(client, client.now);
  const feed = await fetchChecked(stage);
  assertPasses(feed, unsaid);
  assertPasses(await fetchChecked(stage, "/$bulk-publish?_since=2000-01-01T00:00:00Z"), [...unsaid, "manifest-url"]);
  // The same once all of it is stale.
  stage.nowMs += 100 * 3_600_000;
  assertPasses(await fetchChecked(stage), unsaid);
});

Deno.test("a feed of own sites without a VTrckS PIN passes all checks but that for one", async () => {
  const client = new Stage();
  await using stage = await gatewayTo(client, client.now);
  assertEquals(Object.keys(faultsOf(await fetchChecked(stage))), ["location-telecom-both", "vtrcks-there"]);
});

testNeeding(["read"], "the sample feed, imported and published again, passes all checks", async () => {
  const client = new Stage();
  for (const { name } of Deno.readDirSync(sample)) {
    client.inputs.set(`/feed/${name}`, Deno.readTextFileSync(new URL(name, sample)));
  }
  await run(client, "import", "/feed/bulk-publish.json");
  const { transactionTime } = JSON.parse(Deno.readTextFileSync(new URL("bulk-publish.json", sample)));
  await using stage = await gatewayTo(client, Date.parse(transactionTime));
  assertPasses(await fetchChecked(stage), [...advice, "vtrcks-there"]);
});

realTest("imported and published again, passes all checks", async () => {
  const client = new Stage();
  const { transactionTime, inputs } = await realFeed();
  client.now = transactionTime;
  for (const [place, text] of inputs) client.inputs.set(place, text);
  await run(client, "import", "/feed/bulk-publish.json");
  await using stage = await gatewayTo(client, transactionTime);
  const faults = faultsOf(await fetchChecked(stage));
  assertEquals(Object.keys(faults).filter((id) => !advice.includes(id)), []);
});
