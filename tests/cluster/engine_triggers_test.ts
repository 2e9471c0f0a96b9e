import { assertEquals, assertMatch } from "@std/assert";
import { ClusterAccess } from "../../src/cluster/cluster_access.ts";
import type { MemberRow } from "../../src/cluster/engine/members.ts";
import type { NodeRow } from "../../src/cluster/engine/node_seat.ts";
import {
  launcherRowsOf,
  NodeTriggers,
  statusOfNodes,
  type TriggeredMembers,
  type TriggeredNodes,
} from "../../src/cluster/engine/node_triggers.ts";
import { nodeHelpText, parseNodeTrigger, whatToTypeForNodes } from "../../src/cluster/engine/typed_node_triggers.ts";
import { nodeStatus } from "../engine/fake_status.ts";

const node = (slot: number, state: NodeRow["state"], reason?: string): NodeRow => {
  return { slot, port: 8892 + slot, address: `127.0.0.1:${8892 + slot}`, pid: 100 + slot, state, reason };
};

const member = (member: number, state: MemberRow["state"]): MemberRow => {
  return {
    member,
    address: `127.0.0.1:${8992 + 2 * member}`,
    state,
    pid: state === "failed" ? undefined : 200 + member,
  };
};

/** Nodes and members that do nothing but note what they are asked for. */
function fakes(states: readonly NodeRow["state"][], memberStates: readonly MemberRow["state"][], basePort = 8892) {
  const asked: string[] = [];
  const nodes: TriggeredNodes = {
    access: ClusterAccess.open(undefined),
    rows: () => states.map((state, slot) => node(slot, state)),
    portOf: (slot) => basePort + slot,
    kill: (slot) => (asked.push(`kill ${slot}`), Promise.resolve(2_000)),
    restart: (slot) => (asked.push(`restart ${slot}`), Promise.resolve()),
    add: () => (asked.push("add"), states.length),
    reloadAccess: () => void asked.push("reload"),
    status: () => Promise.resolve([]),
  };
  const members: TriggeredMembers = {
    rows: () => memberStates.map((state, at) => member(at, state)),
    kill: (at) => (asked.push(`kill etcd ${at}`), Promise.resolve()),
    restart: (at) => (asked.push(`start etcd ${at}`), Promise.resolve()),
  };
  return { asked, nodes, members };
}

Deno.test("parseNodeTrigger() reads what is typed for nodes, and for members where there are some", () => {
  const right: readonly [typed: string, meant: unknown][] = [
    ["kill 0", { what: "kill", slot: 0 }],
    ["12", { what: "kill", slot: 12 }],
    [" Restart \t 1 ", { what: "restart", slot: 1 }],
    ["kill etcd 2", { what: "killMember", member: 2 }],
    ["KILL Etcd 2", { what: "killMember", member: 2 }],
    ["start etcd 0", { what: "startMember", member: 0 }],
    ["add", { what: "add" }],
    ["status", { what: "status" }],
    ["reload", { what: "reload" }],
    ["help", { what: "help" }],
    ["quit", { what: "quit" }],
    ["  ", { what: "nothing" }],
  ];
  for (const [typed, meant] of right) assertEquals(parseNodeTrigger(typed, true), meant as never, typed);
  const wrong = [
    "kill",
    "kill 01",
    "kill -1",
    "kill 1 2",
    "kill etcd",
    "kill etcd x",
    "start 1",
    "1 2",
    "0x1",
    "exit",
    "1.0",
  ];
  for (const text of wrong) assertEquals(parseNodeTrigger(text, true), { what: "unknown", text }, text);
  for (const text of ["kill etcd 0", "start etcd 0"]) {
    assertEquals(parseNodeTrigger(text, false), { what: "unknown", text }, text);
  }
});

Deno.test("help says what there is to type, and nothing of members that somebody else runs", () => {
  assertEquals(
    nodeHelpText(true),
    [
      "Type one of these:",
      "  kill ID        kill that node (with SIGKILL); it is started again by itself",
      "  restart ID     start one again at once that has failed or halted",
      "  kill etcd ID   kill that member of etcd (with SIGKILL)",
      "  start etcd ID  start one again that is dead",
      "  add            add one more node",
      "  status         print tables of the nodes and of etcd",
      "  reload         read again which tokens count; those that were revoked are cut off at once",
      "  help           print this text",
      "  quit           stop everything that was started here",
    ].join("\n"),
  );
  assertEquals(nodeHelpText(false).includes("etcd ID"), false);
  assertEquals(whatToTypeForNodes(false), "type kill ID, restart ID, add, status, reload, help, quit");
});

Deno.test("NodeTriggers carries out what makes sense, and refuses the rest in a sentence", async () => {
  const { asked, nodes, members } = fakes(["up", "failed", "halted", "starting"], ["up", "failed", "up"]);
  const triggers = new NodeTriggers(nodes, members);
  const told: readonly [typed: string, answer: string][] = [
    ["", ""],
    ["kill 0", "Node 0 was killed. It is started again in 2 s"],
    ["kill 2", "Node 2 was killed. It is started again in 2 s"],
    ["kill 1", "Cannot kill node 1: it is dead already"],
    ["kill 4", "Cannot kill node 4: there is none, the ids are 0 to 3"],
    ["restart 1", "Node 1 is starting; it serves clients when it has caught up"],
    ["restart 2", "Node 2 is starting; it serves clients when it has caught up"],
    ["restart 0", "Cannot restart node 0: it has not failed; kill 0 ends it, and it comes again"],
    ["restart 3", "Cannot restart node 3: it has not failed; kill 3 ends it, and it comes again"],
    ["add", "Node 4 is starting; it serves clients when it has caught up"],
    ["kill etcd 0", "Member 0 of etcd was killed. 2 of 3 members of etcd live: no more of them may fail"],
    ["kill etcd 1", "Cannot kill member 1 of etcd: it is dead already; start etcd 1 starts it"],
    ["kill etcd 3", "Cannot kill member 3 of etcd: there is none, the ids are 0 to 2"],
    ["start etcd 1", "Member 1 of etcd is starting"],
    ["start etcd 0", "Cannot start member 0 of etcd: it has not failed"],
    ["reload", "No added tokens count"],
    [
      "reboot\u001b",
      'Cannot understand "reboot\\u001b": type kill ID, restart ID, kill etcd ID, start etcd ID, add, ' +
      "status, reload, help, quit",
    ],
  ];
  for (const [typed, answer] of told) assertEquals(await triggers.take(typed), answer, typed);
  assertEquals(await triggers.take("quit"), undefined);
  const done = ["kill 0", "kill 2", "restart 1", "restart 2", "add", "kill etcd 0", "start etcd 1", "reload"];
  assertEquals(asked, done);
});

Deno.test("NodeTriggers adds no node without a port, and none beyond the most that there are", async () => {
  const add = async (count: number, basePort?: number) => {
    const { nodes } = fakes(Array.from({ length: count }, () => "up"), [], basePort);
    return await new NodeTriggers(nodes, undefined).take("add");
  };
  assertEquals(await add(16), "Cannot add a node: 16 are the most that one launcher starts");
  assertEquals(await add(1, 65535), "Cannot add a node: its port would be 65536, past 65535");
});

Deno.test("status shows nodes and members, what is wrong, and how many more may fail", () => {
  const engine = {
    hasQuorum: true,
    members: [
      {
        address: "http://a:1",
        failure: undefined,
        version: "3.6.9",
        isLeader: true,
        bytes: 2 ** 21,
        bytesMax: 2 ** 23,
      },
      { address: "http://b:1", failure: undefined, version: "3.6.9", isLeader: false, bytes: 1, bytesMax: 2 ** 23 },
      {
        address: "http://c:1",
        failure: "http://c:1 does not answer in time",
        version: undefined,
        isLeader: false,
        bytes: undefined,
        bytesMax: undefined,
      },
    ],
    warnings: ["Somebody should look"],
  };
  const digest = "0123456789abcd";
  const rows = [
    { ...node(0, "up"), answer: nodeStatus({ name: "n0-a", n: 7, lag: 2, executed: 40, digest, engine }) },
    { ...node(1, "failed", "was killed from outside by SIGKILL"), answer: undefined },
    { ...node(2, "halted", "it cannot be"), answer: nodeStatus({ name: "n2-b", halted: "it cannot be", engine }) },
    { ...node(3, "up"), answer: undefined },
  ];
  assertEquals(
    statusOfNodes(rows, {
      ...fakes([], []).members,
      rows: () => [member(0, "up"), member(1, "up"), member(2, "failed")],
    }),
    [
      "node  address         pid  state   record     behind  executed  digest",
      "0     127.0.0.1:8892  100  behind  7          2       40        0123456789abcd",
      "1     127.0.0.1:8893  101  failed",
      "2     127.0.0.1:8894  102  halted  0          0       0         00000000000000",
      "3     127.0.0.1:8895  103  up      no answer",
      "Node 1 was killed from outside by SIGKILL",
      "Node 2 has halted: it cannot be",
      "etcd  version  role      data   problem",
      "a:1   3.6.9    leader    2 MiB",
      "b:1   3.6.9    follower  1 MiB",
      "c:1                             does not answer in time",
      "The members of etcd have 25 % of their quota at most",
      "Somebody should look",
      "No more nodes may fail, and no more members of the engine",
      "2 of 3 members of etcd live: no more of them may fail",
    ].join("\n"),
  );
  const [one, two] = ["a", "b"].map((name) => nodeStatus({ name, n: 3, digest: name.repeat(14) }));
  const both = [{ ...node(0, "up"), answer: one }, { ...node(1, "up"), answer: two }];
  assertMatch(statusOfNodes(both, undefined), /After record 3, the nodes a and b have different states/);
});

Deno.test("launcherRowsOf() shows a gateway nodes as it knows replicas", () => {
  const rows = launcherRowsOf([node(0, "up"), node(1, "starting"), node(2, "halted", "x"), node(3, "failed", "y")]);
  assertEquals(rows.map(({ state }) => state), ["up", "joining", "failed", "failed"]);
  assertEquals(rows[0], { slot: 0, address: "127.0.0.1:8892", pid: 100, state: "up" });
});
