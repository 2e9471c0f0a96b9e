import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseServersArguments } from "../../src/cluster/arguments.ts";
import { lastWordsOf } from "../../src/cluster/engine/etcd_words.ts";
import { memberPorts } from "../../src/cluster/engine/member_ports.ts";
import type { MemberRow } from "../../src/cluster/engine/members.ts";
import type { NodeRow } from "../../src/cluster/engine/node_seat.ts";
import { announcementOfEngine, banner, type EngineEvent, membersLine } from "../../src/cluster/engine/node_words.ts";

const row: NodeRow = {
  slot: 1,
  port: 8893,
  address: "127.0.0.1:8893",
  pid: 7,
  state: "up",
  reason: "ended by itself, with exit code 7",
};

const members = ["up", "up", "starting"].map((state, member) => (
  { member, address: `127.0.0.1:${8992 + 2 * member}`, state, pid: 20 + member } as MemberRow
));

function bannerOf(line: string, state: NodeRow["state"] = "up"): string {
  const options = parseServersArguments(line.split(" "));
  if (typeof options !== "object" || options.engine === undefined) throw new Error("no nodes");
  return banner([{ ...row, state }], line.includes("://") ? undefined : members, options, options.engine)
    .replaceAll(`${Deno.pid}`, "PID");
}

Deno.test("the banner says how other machines reach nodes that serve them", () => {
  const text = bannerOf("1 --engine etcds://h/p --node-host 10.0.0.1 --tls-dir tls");
  assertStringIncludes(text, "Clients: deno task client 127.0.0.1:8893 --tls-ca tls/ca.crt --token-file FILE\n");
});

Deno.test("the banner says where nodes and members are, and what becomes of the data", () => {
  assertEquals(bannerOf("1 --engine etcd").split("\n"), [
    "1 node runs, started by process PID, with an etcd that was started here:",
    "  node 1  127.0.0.1:8893  process 7",
    "  etcd 0  127.0.0.1:8992  process 20",
    "  etcd 1  127.0.0.1:8994  process 21",
    "  etcd 2  127.0.0.1:8996  process 22",
    "This is to try nodes out: all members of etcd are on this machine and end with this launcher. Replicas would be " +
    "as safe. A real installation has etcd on three machines: see docs/operations/nodes.md.",
    "The data are removed in the end. Start with --engine-data DIR to keep them.",
    "Clients: deno task client 8893",
    "Type kill ID, restart ID, kill etcd ID, start etcd ID, add, status, reload, help, quit.",
  ]);
  const lines = bannerOf("1 --engine etcds://h1,h2:7/p --http 0 --log-dir l --access-dir a", "starting").split("\n");
  assertEquals(lines, [
    "1 node runs, started by process PID, with the etcd at h1:2379, h2:7, keys below /p:",
    "  node 1  127.0.0.1:8893  process 7  waits for etcd",
    'Tokens are in "a".',
    "Logs: l/gateway.log",
    "Clients: deno task client 8893",
    "Type kill ID, restart ID, add, status, reload, help, quit.",
  ]);
  assertStringIncludes(bannerOf("1 --engine etcd --node-host 127.0.0.2"), "deno task client 127.0.0.1:8893\n");
  assertEquals(bannerOf("1 --engine etcd --engine-data d").includes('The data are in "d", and are kept'), true);
});

Deno.test("what happens to nodes and members is said in one line, and what was asked for is not said twice", () => {
  const said: readonly [event: EngineEvent, text: string | undefined][] = [
    [{ kind: "nodeReady", row }, "Node 1 serves clients at 127.0.0.1:8893, process 7"],
    [
      { kind: "nodeFailed", row, wanted: false, againMs: 4_000 },
      "Node 1 ended by itself, with exit code 7. It is started again in 4 s",
    ],
    [{ kind: "nodeFailed", row, wanted: true, againMs: 4_000 }, undefined],
    [
      { kind: "nodeHalted", row: { ...row, reason: "record 5 cannot be read" } },
      "Node 1 has halted: record 5 cannot be read. It stays so, for you to look; type restart 1 to try again",
    ],
    [{ kind: "nodeStderr", slot: 1, line: "x" }, "node 1: x"],
    [{ kind: "noToken", slot: 1, reason: "no" }, "Clients need --token-file: no"],
    [{ kind: "memberReady", member: 2 }, "Member 2 of etcd runs again"],
    [
      { kind: "memberFailed", member: 2, cause: "was killed from outside by SIGKILL", wanted: false },
      "Member 2 of etcd was killed from outside by SIGKILL. Type start etcd 2 to start it again",
    ],
    [{ kind: "memberFailed", member: 2, cause: "was killed", wanted: true }, undefined],
    [{ kind: "memberStderr", member: 2, line: "x" }, "etcd 2: x"],
  ];
  for (const [event, text] of said) assertEquals(announcementOfEngine(event)?.text, text);
});

Deno.test("membersLine() counts by majority", () => {
  const line = (...states: MemberRow["state"][]) => membersLine(states.map((state, at) => ({ ...members[at], state })));
  assertEquals(line("up", "up", "starting"), "3 of 3 members of etcd live: 1 more of them may fail");
  assertEquals(line("up", "up", "failed"), "2 of 3 members of etcd live: no more of them may fail");
  assertEquals(
    line("up", "failed", "failed"),
    "1 of 3 members of etcd live: that is not a majority, so nodes can neither write nor read",
  );
});

Deno.test("memberPorts() follow those of nodes, or are free ones", () => {
  assertEquals([0, 1, 2].map((member) => memberPorts(8892, member)), [
    { client: 8992, peer: 8993 },
    { client: 8994, peer: 8995 },
    { client: 8996, peer: 8997 },
  ]);
  assertEquals(memberPorts(0, 2), { client: 0, peer: 0 });
});

Deno.test("lastWordsOf() gives the sentence of a line that etcd writes, and nothing of a stack", () => {
  const words: readonly [line: string, said: string | undefined][] = [
    [
      '{"level":"fatal","msg":"discovery failed","error":"listen tcp: in use","stacktrace":"x\\ny"}',
      "discovery failed: listen tcp: in use",
    ],
    ['{"msg":"no error"}', "no error"],
    ['{"level":"fatal"}', undefined],
    ["{ not JSON", "{ not JSON"],
    ["2026-12-01 12:11:00 C | pkg/flags: conflicting", "2026-12-01 12:11:00 C | pkg/flags: conflicting"],
    ["goroutine 1 [running]:", undefined],
    ["\t/go/main.go:28", undefined],
    ["main.main()", undefined],
    ["bad\u001b[2J", "bad\\u001b[2J"],
    ["x".repeat(1_000), "x".repeat(200)],
  ];
  for (const [line, said] of words) assertEquals(lastWordsOf(line), said, line);
});
