/** Two gateways of one cluster, each a process of its own: an idempotency key holds across both. */

import { assertEquals } from "@std/assert";
import type { Entry } from "../../src/library/client.ts";
import { testNeeding } from "../net/needing.ts";
import { needs, RealCluster } from "./real_cluster.ts";
import { ServedGateway } from "./served_gateway.ts";

const reports = "/api/sites/Harvard%20University/reports";

testNeeding(
  needs,
  "a key that is sent to two gateways at once is executed once, also after one starts again",
  async () => {
    const cluster = await RealCluster.start(2);
    const start = () => ServedGateway.start(cluster.addresses);
    const gateways = await Promise.all([start(), start()]);
    try {
      const keys = Array.from({ length: 5 }, (_, at) => `key-${at}`);
      const post = (gateway: ServedGateway, at: number) =>
        gateway.ask("POST", reports, { value: at, who: "Ada" }, keys[at]);
      const asked = keys.map((_, at) => Promise.all([...gateways, ...gateways].map((gateway) => post(gateway, at))));
      const responses = await Promise.all(asked);
      for (const each of responses) {
        assertEquals(each.map(({ status, json }) => [status, json]), each.map(() => [201, each[0].json]));
        assertEquals(each.filter(({ isReplay }) => !isReplay).length, 1);
      }
      const changes = async (gateway: ServedGateway) =>
        (await gateway.ask("GET", "/api/changes")).json.entries as Entry[];
      const isReport = ({ kind }: Entry) => kind === "report";
      assertEquals((await changes(gateways[1])).filter(isReport).length, keys.length);
      // One that starts again has nothing of it in its memory.
      await gateways[0].end("SIGKILL");
      gateways[0] = await start();
      for (const at of keys.keys()) {
        const again = await Promise.all(gateways.map((gateway) => post(gateway, at)));
        const [{ json }] = responses[at];
        assertEquals(again, again.map(() => ({ status: 201, json, isReplay: true })));
      }
      const [one, other] = [await gateways[0].ask("POST", reports, { value: 9 }, keys[0]), await changes(gateways[0])];
      assertEquals([one.status, one.json.type], [422, "urn:vaxlog:problem:key-reused"]);
      assertEquals(other.filter(isReport).length, keys.length);
    } finally {
      for (const gateway of gateways) await gateway.end("SIGINT");
      await cluster.dispose();
    }
  },
);
