import { assertEquals } from "@std/assert";
import { EtcdEngine } from "../../../src/engine/etcd/etcd_engine.ts";
import { base64 } from "../../../src/engine/etcd/keys.ts";
import { testNeeding } from "../../net/needing.ts";
import { withMembers } from "./fake_etcd.ts";

testNeeding(["net"], "announce() leaves out what no node says, such as names that control a terminal", async () => {
  const right = { node: "two-1f", address: "[::1]:8001", n: 32, digest: 5, clockMs: 7 };
  const said = [
    right,
    { ...right, node: "\u001b[2J" },
    { ...right, node: "a".repeat(65) },
    { ...right, node: 5 },
    { ...right, address: "host name:1" },
    { ...right, address: "h".repeat(300) },
    { ...right, n: 0.5 },
    [],
  ];
  const kvs = said.map((saying, at) => ({ key: base64(`/v/node/${at}`), value: base64(JSON.stringify(saying)) }));
  const answer = { header: { revision: "5" }, ID: "1", responses: [{}, { response_range: { kvs } }] };
  await withMembers([() => answer], async (endpoints) => {
    const engine = new EtcdEngine({ endpoints, prefix: "/v", node: "one" });
    assertEquals(await engine.announce({ ...right, node: "one" }, 1_000), [right]);
    await engine.close();
  });
});
