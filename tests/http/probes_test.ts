/** What a program asks that restarts a gateway, or sends it requests. */

import { assertEquals } from "@std/assert";
import { NotExecutedError } from "../../src/net/client/session.ts";
import { GatewayStage, WatchedCluster } from "./stage.ts";

/** A cluster that executes nothing. */
function lost(): WatchedCluster {
  const cluster = new WatchedCluster();
  cluster.submit = () => Promise.reject(new NotExecutedError("No replica answers"));
  return cluster;
}

Deno.test("/livez asks the cluster for nothing: a gateway without one lives", async () => {
  await using stage = new GatewayStage({}, lost());
  assertEquals((await stage.ask("GET", "/livez")).json, { ok: true });
});

Deno.test("/readyz is 200 once the cluster answers and the copy is there, and 503 if either is not so", async () => {
  await using without = new GatewayStage({}, lost());
  const not = await without.ask("GET", "/readyz");
  assertEquals([not.status, not.json.type], [503, "urn:vaxlog:problem:unhealthy"]);

  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  assertEquals((await stage.ask("GET", "/readyz")).json, { ok: true });

  const behind = new WatchedCluster();
  behind.watch = async function* (_after, _cluster, signal) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    yield* [];
  };
  await using late = new GatewayStage({}, behind);
  const answer = await late.ask("GET", "/readyz");
  assertEquals([answer.status, answer.json.type], [503, "urn:vaxlog:problem:not-ready"]);
});

Deno.test("/readyz sends the cluster nothing where a command has just become stable", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  await stage.gateway.services.probe();
  const before = stage.cluster.memory.submitted;
  for (let count = 0; count < 5; count++) await stage.ask("GET", "/readyz");
  assertEquals(stage.cluster.memory.submitted, before);
});

Deno.test("/readyz sends the cluster a probe where it has only answered reads", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  let probes = 0;
  const { memory } = stage.cluster;
  const submit = memory.submit.bind(memory);
  memory.submit = (...args) => {
    probes++;
    return submit(...args);
  };
  await stage.gateway.services.client.summary();
  for (let count = 0; count < 2; count++) await stage.ask("GET", "/readyz");
  assertEquals(probes, 1);
});
