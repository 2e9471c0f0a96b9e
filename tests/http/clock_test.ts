/** A clock that is wrong must not hide what others report later. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { recordedAheadMsMax } from "../../src/limits.ts";
import { NotExecutedError } from "../../src/net/client/calls.ts";
import { assertProblem, GatewayStage, WatchedCluster } from "./stage.ts";

const harvard = "/api/sites/Harvard%20University";

/** A cluster whose replicas have a clock. */
class TimedCluster extends WatchedCluster {
  /** How far the clock of this computer is ahead of theirs, in milliseconds. */
  aheadMs = 0;

  replicaNowMs(): number {
    return Date.now() - this.aheadMs;
  }
}

Deno.test("a report over HTTP has the time of the gateway, and cannot bring another one", async () => {
  await using stage = new GatewayStage();
  const before = Date.now();
  await stage.done("POST", `${harvard}/reports`, { value: 1 });
  const [{ recordedAt }] = (await stage.ask("GET", `${harvard}/history`)).json.entries;
  assert(recordedAt >= before && recordedAt <= Date.now());
  const year9999 = Date.UTC(9999, 0);
  const brought = await stage.ask("POST", `${harvard}/reports`, { value: 2, recordedAt: year9999 });
  assertProblem(brought, 400, "invalid");
  assertStringIncludes(brought.json.detail, 'no member "recordedAt"');
  const [item] = (await stage.ask("POST", "/api/batch", [
    { op: "set", name: "Harvard University", value: 2, recordedAt: year9999 },
  ])).json;
  assertEquals(item.status, 400);
  // Nor can it say that it was observed long after that.
  assertProblem(await stage.ask("POST", `${harvard}/reports`, { value: 2, observedAt: year9999 }), 422, "refused");
  const later = await stage.ask("POST", `${harvard}/reports`, { value: 3, observedAt: Date.now() });
  assertEquals([later.status, later.json.effect], [201, "shown"]);
});

Deno.test("a clock that is far ahead of the replicas' records nothing, and the error has both times", async () => {
  const cluster = new TimedCluster();
  await using stage = new GatewayStage({}, cluster);
  const client = new VaxlogClient(cluster);
  cluster.aheadMs = recordedAheadMsMax - 60_000;
  assertEquals((await stage.ask("POST", `${harvard}/reports`, { value: 1 })).status, 201);
  cluster.aheadMs = recordedAheadMsMax + 60_000;
  const refused = await stage.ask("POST", `${harvard}/reports`, { value: 2 });
  assertProblem(refused, 503, "not-executed");
  const words = /^It would be recorded at \S+Z, and the clock of the replicas says \S+Z: set the clock that is wrong/;
  assert(words.test(refused.json.detail), refused.json.detail);
  const changes = [
    () => client.set("Harvard University", 2),
    () => client.add("A", "1"),
    () => client.retire("Harvard University", "closed"),
    () => client.redact(1),
  ];
  for (const change of changes) {
    const error = await change().then(() => undefined, (error) => error);
    assert(error instanceof NotExecutedError && words.test(error.message), String(error));
  }
  // Reading needs no clock, and a clock that is behind hides nothing.
  assertEquals((await stage.ask("GET", "/api/summary")).json.lastEntry, 2);
  cluster.aheadMs = -1e12;
  assertEquals((await client.set("Harvard University", 3)).kind, "site");
});
