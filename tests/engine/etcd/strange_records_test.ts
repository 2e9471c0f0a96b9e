import { assertRejects } from "@std/assert";
import { CompactedError, EngineRefusedError } from "../../../src/engine/engine.ts";
import { EtcdEngine } from "../../../src/engine/etcd/etcd_engine.ts";
import { base64, EtcdKeys } from "../../../src/engine/etcd/keys.ts";
import { testNeeding } from "../../net/needing.ts";
import { withMembers } from "./fake_etcd.ts";

const keys = new EtcdKeys("/v");
const record = (k: number, revision: number, version = 1) => ({
  key: base64(keys.record(1, "one", 0, k)),
  value: base64("bytes"),
  mod_revision: String(revision),
  version: String(version),
});

/** Reads after record 1, which has revision 5, an order of three records. */
async function read(kvs: readonly unknown[], version = "3"): Promise<void> {
  const head = { key: base64(keys.head), mod_revision: "9", version };
  const answer = (_: string, { key }: Record<string, unknown>) => ({
    header: { revision: "9" },
    kvs: key === base64(keys.head) ? [head] : kvs,
  });
  await withMembers([answer], async (endpoints) => {
    const engine = new EtcdEngine({ endpoints, prefix: "/v", node: "two" });
    const { signal } = new AbortController();
    try {
      for await (const _ of engine.follow({ n: 1, revision: 5 }, true, signal)) return;
    } finally {
      await engine.close();
    }
  });
}

testNeeding(["net"], "follow() ends for good where somebody else has put a record, or changed one", async () => {
  const [first, second, third] = [record(1, 5), record(2, 7), record(3, 9)];
  await read([first, second, third]);
  // An order that has gone back, or is another one, is not this.
  await assertRejects(() => read([], "0"), CompactedError);
  await assertRejects(
    () => read([first, second, record(8, 8), third]),
    EngineRefusedError,
    'there are 3 records after record 1, and nodes have put 2: somebody else has put or changed keys below "/v/log/"',
  );
  await assertRejects(
    () => read([record(1, 8, 2), second, third]),
    EngineRefusedError,
    'somebody has changed the record "/v/log/0000000001/one/0/0000000001"',
  );
});
