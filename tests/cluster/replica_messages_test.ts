import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  parseReplicaSay,
  parseReplicaTell,
  parseStatus,
  type ReplicaSay,
  type ReplicaTell,
  statusText,
} from "../../src/cluster/replica_messages.ts";
import { replicasMax } from "../../src/cluster/launcher_events.ts";
import { ControlError, controlLineBytesMax, encodeControl } from "../../src/runtime/control.ts";
import type { Found } from "../../src/protocol/replica/recovery.ts";
import { plainEntry } from "../../src/access/auth_entries.ts";
import { testAccess } from "../net/admitted.ts";

const counts = {
  v: 2,
  members: [0, 1],
  executed: 3,
  lastEntry: 7,
  logBytes: 8,
  logBytesMax: 9,
  clock: 4,
  sessions: 5,
  pending: 6,
  memoryBytes: 10,
  restored: undefined,
  fetched: undefined,
  history: undefined,
  files: undefined,
  uptimeMs: 11,
  waits: undefined,
};
const flags = { joining: false, frozen: false, durable: true };
const status = {
  kind: "STATUS_IS",
  cluster: "0f".repeat(16),
  id: 1,
  digest: "0123456789abcd",
  ...flags,
  ...counts,
} as const;

const members = [{ id: 0, address: "127.0.0.1:8892" }, { id: 1, address: "127.0.0.1:8893" }];

const found: Found = {
  cluster: "0f".repeat(16),
  id: 64,
  v: 3,
  executed: 7,
  requests: 5,
  pending: 2,
  digest: "0123456789abcd",
  highest: { v: 4, members },
  stray: null,
};

const says: readonly ReplicaSay[] = [
  { say: "found", found },
  { say: "found", found: { ...found, stray: "it has request 1" } },
  { say: "stopped", found },
  { say: "unreadable", message: 'the file "d/replica-0.db" is damaged' },
  { say: "restored", percent: 37 },
  { say: "listening", port: 8892 },
  { say: "ready" },
  { say: "pong", n: 7, restored: undefined, fetched: undefined, lacks: undefined, short: undefined },
  { say: "pong", n: 8, restored: 37, fetched: 12, lacks: true, short: true },
  { say: "status", n: 3, status: statusText(status) },
  { say: "suspect", id: 1 },
  { say: "installed", v: 2, members: [0, 64] },
  { say: "fatal", message: 'port 8893 is in use\n"…"' },
];

const access = testAccess.map(plainEntry);
const form: ReplicaTell = {
  tell: "form",
  id: 0,
  role: "new",
  cluster: "0f".repeat(16),
  key: "a9".repeat(32),
  members,
  access,
};

const tells: readonly ReplicaTell[] = [
  form,
  { ...form, access: [] },
  { tell: "access", access },
  { tell: "access", access: [] },
  { ...form, id: 64, role: "join" },
  { ...form, role: "recover" },
  { tell: "ping", n: 0 },
  { tell: "status", n: Number.MAX_SAFE_INTEGER },
  { tell: "failed", id: 65 },
];

/** A line without its line break; there is no other in it. */
function lineOf(message: ReplicaSay | ReplicaTell): string {
  const text = encodeControl(message);
  assertEquals(text.indexOf("\n"), text.length - 1);
  return text.slice(0, -1);
}

Deno.test("parseReplicaSay() reads what encodeControl() wrote", () => {
  for (const message of says) assertEquals(parseReplicaSay(lineOf(message)), message);
});

Deno.test("parseReplicaTell() reads what encodeControl() wrote", () => {
  for (const message of tells) assertEquals(parseReplicaTell(lineOf(message)), message);
});

Deno.test("parseReplicaSay() refuses a message without one of its fields, or with another kind of value in it", () => {
  for (const message of says) {
    for (const field of Object.keys(message)) {
      const without: Record<string, unknown> = { ...message };
      delete without[field];
      if (["restored", "fetched", "lacks", "short"].includes(field)) {
        assertEquals<unknown>(parseReplicaSay(JSON.stringify(without)), { ...without, [field]: undefined });
      } else assertThrows(() => parseReplicaSay(JSON.stringify(without)), ControlError);
      for (const value of [null, {}, [{}], -1, 1.5, ["0"]]) {
        if (field === "found" && value === null) continue;
        assertThrows(() => parseReplicaSay(JSON.stringify({ ...message, [field]: value })), ControlError);
      }
    }
  }
});

Deno.test("parseReplicaTell() refuses malformed fields", () => {
  const wrong: readonly unknown[] = [
    { ...form, cluster: "0F".repeat(16) },
    { ...form, cluster: "0f".repeat(15) },
    { ...form, key: "g0".repeat(32) },
    { ...form, members: [{ id: 0 }] },
    { ...form, members: [{ id: 0, address: "nowhere" }] },
    { ...form, members: {} },
    { ...form, role: undefined },
    { ...form, role: "joining" },
    { tell: "ping", n: "7" },
    { tell: "failed", id: -1 },
    { tell: "failed", id: 2 ** 53 },
  ];
  for (const value of wrong) assertThrows(() => parseReplicaTell(JSON.stringify(value)), ControlError);
});

Deno.test("parseReplicaSay() reads that nothing was found, and refuses what cannot have been", () => {
  assertEquals(parseReplicaSay('{"say":"found","found":null}'), { say: "found", found: null });
  for (const field of Object.keys(found)) {
    for (const value of [undefined, null, -1, "x", {}, { v: 1, members: [{ id: 0 }] }]) {
      if (field === "stray" && (value === null || value === "x")) continue;
      assertThrows(
        () => parseReplicaSay(JSON.stringify({ say: "found", found: { ...found, [field]: value } })),
        ControlError,
      );
    }
  }
});

Deno.test("parseReplicaSay() refuses a line that is not a message", () => {
  for (const line of ["", " ", "{", "null", "[]", "7", '"ready"', "{}", '{"say":"hello"}', '{"say":"toString"}']) {
    assertThrows(() => parseReplicaSay(line), ControlError);
  }
  assertThrows(() => parseReplicaSay(lineOf(form)), ControlError);
  assertThrows(() => parseReplicaTell(lineOf({ say: "ready" })), ControlError);
  assertThrows(() => parseReplicaSay('{"say":"listening","port":0}'), ControlError, '"port" is missing or malformed');
});

Deno.test("parseReplicaSay() leaves out fields that it does not know", () => {
  assertEquals(parseReplicaSay('{"say":"ready","more":1,"__proto__":{"x":1}}'), { say: "ready" });
});

Deno.test("ControlError does not repeat the line, which may hold the key of the mesh", () => {
  const line = JSON.stringify({ ...form, id: "none" });
  const error = assertThrows(() => parseReplicaTell(line), ControlError);
  assert(!error.message.includes("a9a9"));
});

Deno.test("encodeControl() keeps the longest message within the bound of a line", () => {
  const members = Array.from({ length: replicasMax * 4 }, () => ({ id: 2 ** 53 - 1, address: "127.0.0.1:65535" }));
  assert(encodeControl({ ...form, members }).length < controlLineBytesMax);
});

Deno.test("parseStatus() reads what statusText() wrote, and refuses what is not a status", () => {
  assertEquals(parseStatus(statusText(status)), status);
  for (const text of ["", "0", "zz", "00", statusText(status).slice(2), `${statusText(status)}00`]) {
    assertThrows(() => parseStatus(text), ControlError, "Cannot read a status");
  }
});
