import { assert, assertEquals, assertThrows } from "@std/assert";
import { authEntriesMax, plainEntry } from "../../src/access/auth_entries.ts";
import {
  newNodeName,
  type NodeSay,
  nodeStatusText,
  type NodeTell,
  parseNodeSay,
  parseNodeStatus,
  parseNodeTell,
} from "../../src/cluster/node_messages.ts";
import { nodeArguments } from "../../src/cluster/node_process.ts";
import type { NodeStatus } from "../../src/engine/wire/node_messages.ts";
import { ControlError, controlLineBytesMax, encodeControl } from "../../src/runtime/control.ts";
import { testAccess } from "../net/admitted.ts";

const cluster = "0f".repeat(16);

const status: NodeStatus = {
  kind: "NODE_IS",
  cluster,
  name: "n0-a1",
  n: 7,
  lag: 1,
  epoch: 2,
  executed: 30,
  lastEntry: 20,
  logBytes: 8,
  logBytesMax: 9,
  digest: "0123456789abcd",
  sessions: 3,
  waiting: 4,
  memoryBytes: 5,
  uptimeMs: 6,
  halted: undefined,
  nodes: [{ name: "n1-b2", address: "10.0.0.2:8892", n: 6, skewMs: 2 ** 40 - 3 }],
  engine: {
    hasQuorum: true,
    members: [{
      address: "http://10.0.0.1:2379",
      failure: undefined,
      version: "3.4.23",
      isLeader: true,
      bytes: 1,
      bytesMax: undefined,
    }],
    warnings: ["look at it"],
  },
  history: undefined,
  files: undefined,
};

const says: readonly NodeSay[] = [
  { say: "listening", port: 8892 },
  { say: "ready", cluster },
  { say: "halted", reason: 'the state differs from that of node "n1-b2"' },
  { say: "pong", n: 7, lag: 0, ready: undefined, halted: undefined },
  { say: "pong", n: 8, lag: 3, ready: true, halted: true },
  { say: "status", n: 3, status: nodeStatusText(status) },
  { say: "fatal", message: "port 8893 is in use" },
];

const engine: NodeTell = {
  tell: "engine",
  endpoints: ["http://127.0.0.1:2379", "https://[::1]:2379"],
  prefix: "/vaxlog/a.b-c",
  user: "vaxlog",
  password: "never to be shown",
  ca: "-----BEGIN CERTIFICATE-----\n",
  cert: "-----BEGIN CERTIFICATE-----\n",
  key: "-----BEGIN PRIVATE KEY-----\n",
};
const bare = { user: undefined, password: undefined, ca: undefined, cert: undefined, key: undefined };
const access = testAccess.map(plainEntry);
const form: NodeTell = { tell: "form", name: "n0-a1", address: "127.0.0.1:8892", access };

const tells: readonly NodeTell[] = [
  { tell: "listen", cert: "-----BEGIN CERTIFICATE-----\n", key: "-----BEGIN PRIVATE KEY-----\n" },
  { tell: "listen", cert: undefined, key: undefined },
  engine,
  { ...engine, ...bare },
  form,
  { ...form, access: [] },
  { tell: "access", access },
  { tell: "ping", n: 0 },
  { tell: "rest" },
  { tell: "status", n: 1 },
];

Deno.test("parseNodeSay() and parseNodeTell() read what encodeControl() wrote", () => {
  for (const message of says) assertEquals(parseNodeSay(encodeControl(message).trimEnd()), message);
  for (const message of tells) assertEquals(parseNodeTell(encodeControl(message).trimEnd()), message);
});

Deno.test("parseNodeSay() and parseNodeTell() refuse malformed fields", () => {
  const wrongSays: readonly unknown[] = [
    { say: "listening", port: 0 },
    { say: "ready" },
    { say: "ready", cluster: "0f" },
    { say: "halted" },
    { say: "pong", n: 1 },
    { say: "pong", n: 1, lag: 0, halted: false },
    { say: "form" },
  ];
  for (const value of wrongSays) assertThrows(() => parseNodeSay(JSON.stringify(value)), ControlError);
  const wrongTells: readonly unknown[] = [
    { ...engine, endpoints: ["ftp://127.0.0.1:1"] },
    { ...engine, endpoints: ["http://127.0.0.1:1/v3"] },
    { ...engine, endpoints: ["http://127.0.0.1"] },
    { ...engine, prefix: "vaxlog" },
    { ...engine, prefix: "/vaxlog/" },
    { ...engine, user: 7 },
    { ...form, name: "" },
    { ...form, name: "n/0" },
    { ...form, address: "nowhere" },
    { ...form, access: undefined },
    { ...form, access: [{ name: "x" }] },
    { tell: "access" },
  ];
  for (const value of wrongTells) assertThrows(() => parseNodeTell(JSON.stringify(value)), ControlError);
});

Deno.test("a malformed line of a node is not repeated, since it may hold a password", () => {
  const error = assertThrows(() => parseNodeTell(JSON.stringify({ ...engine, prefix: "" })), ControlError);
  assert(!error.message.includes("never"));
});

Deno.test("each message to a node fits a line, however much is in it", () => {
  const entry = plainEntry({ ...testAccess[0], name: "x".repeat(64), expires: 253_402_300_799_999 });
  const many = Array.from({ length: authEntriesMax }, (_, at) => ({ ...entry, name: `${at}`.padEnd(64, "x") }));
  assert(encodeControl({ ...form, access: many }).length < controlLineBytesMax);
});

Deno.test("parseNodeStatus() reads what nodeStatusText() wrote, and refuses what is not a status", () => {
  assertEquals(parseNodeStatus(nodeStatusText(status)), status);
  for (const text of ["", "0", "zz", "00", nodeStatusText(status).slice(2), `${nodeStatusText(status)}00`]) {
    assertThrows(() => parseNodeStatus(text), ControlError, "Cannot read the status of a node");
  }
});

Deno.test("newNodeName() never gives a name twice", () => {
  const names = new Set(Array.from({ length: 100 }, () => newNodeName("n0")));
  assertEquals(names.size, 100);
  for (const name of names) assertEquals(parseNodeTell(JSON.stringify({ ...form, name })), { ...form, name });
});

Deno.test("nodeArguments() let a node listen at its own address and reach its engine, and nothing else", () => {
  const permitted = (args: readonly string[]) => args.filter((arg) => arg.startsWith("--allow"));
  const endpoints = ["http://10.0.0.1:2379", "https://[fd00::1]:2379"];
  const args = nodeArguments({ host: "127.0.0.1", port: 8892, endpoints });
  assertEquals(permitted(args), ["--allow-net=127.0.0.1:8892,10.0.0.1:2379,[fd00::1]:2379"]);
  assertEquals(args.slice(-2), ["--host=127.0.0.1", "--port=8892"]);
});
