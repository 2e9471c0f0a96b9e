/** How the API says what a replica waits for. */

import { assertEquals } from "@std/assert";
import { replicaOf } from "../../src/http/replica_json.ts";
import { toldClientsMax, toldRequestsMax } from "../../src/limits.ts";
import type { RunningStatus } from "../../src/net/client/status.ts";
import type { InspectedClient, InspectedRequest } from "../../src/inspection.ts";

const status = {
  id: 0,
  v: 1,
  members: [0],
  joining: false,
  frozen: false,
  durable: false,
  executed: 0,
  lastEntry: 0,
  logBytes: 0,
  logBytesMax: 0,
  digest: "00".repeat(7),
  clock: 0,
  sessions: 0,
  pending: 0,
  cluster: "c0".repeat(16),
  memoryBytes: 0,
  uptimeMs: 0,
} satisfies RunningStatus;

Deno.test("what a replica tells beyond the bound is left out, and each request names few clients and commands", () => {
  const client = "ab".repeat(16);
  const many = 2_000;
  const request: InspectedRequest = {
    client,
    seq: 1,
    ts: 1,
    end: false,
    count: 1,
    // Empty ones.
    commands: new Uint8Array(many),
    lacks: [],
    waitsFor: many,
  };
  const heard: InspectedClient = { client, lastTs: 1, barred: false };
  const waits = { pending: Array(many).fill(request), active: many, heard: Array(many).fill(heard), flush: undefined };
  const { waiting, heard: shown } = replicaOf({ address: "r0", status: { ...status, waits }, lag: 0 }, [], true) as {
    readonly waiting?: readonly {
      readonly waitsFor: readonly string[];
      readonly commands: readonly string[];
      readonly andMore: boolean;
    }[];
    readonly heard?: readonly unknown[];
  };
  assertEquals([waiting?.length, shown?.length], [toldRequestsMax, toldClientsMax]);
  for (const { commands, waitsFor, andMore } of waiting!) {
    assertEquals([commands.length, waitsFor.length, andMore], [16, toldClientsMax, true]);
  }
});
