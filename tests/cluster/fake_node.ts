/**
 * A node that only talks to its launcher: for tests of that, and of what it does when a node misbehaves.
 *
 * Its module address says how it misbehaves, and which one does: `fake_node.ts?waits=1` is a node that never becomes
 * ready if its slot is 1. One that `halts` does so at once, one that `dies` ends with exit code 7, one that is `wrong`
 * answers the question how it is with nonsense, one that `errs` writes to its standard error, and one that is `mute`
 * answers no ping. With `busy`, no node can listen at its port.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type NodeSay, nodeStatusText, parseNodeTell } from "../../src/cluster/node_messages.ts";
import { encodeControl } from "../../src/runtime/control.ts";
import { told } from "../../src/runtime/parent.ts";
import { nodeStatus } from "../engine/fake_status.ts";

const wishes = new URL(import.meta.url).searchParams;
const { host, port } = parseArgs({ args: Deno.args, options: { host: { type: "string" }, port: { type: "string" } } })
  .values;

const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
const say = (message: NodeSay) => write(encodeControl(message));

if (wishes.has("busy")) {
  say({ say: "fatal", message: `port ${port} is in use, stop what uses it` });
  Deno.exit(1);
}
const listener = Deno.listen({ hostname: host, port: Number(port) });
say({ say: "listening", port: listener.addr.port });

let name = "";
let endpoints: readonly string[] = [];
let tokens = 0;
let halted: string | undefined;
const isAskedTo = (wish: string) => name.startsWith(`n${wishes.get(wish)}-`);

function form(): void {
  if (isAskedTo("dies")) Deno.exit(7);
  if (isAskedTo("errs")) console.error("one\ntwo");
  if (isAskedTo("halts")) {
    halted = "it cannot be";
    say({ say: "halted", reason: halted });
  } else if (!isAskedTo("waits")) say({ say: "ready", cluster: "0".repeat(32) });
}

for await (const tell of told(parseNodeTell)) {
  if (tell.tell === "engine") ({ endpoints } = tell);
  else if (tell.tell === "form") {
    ({ name } = tell);
    tokens = tell.access.length;
    form();
  } else if (tell.tell === "access") tokens = tell.access.length;
  else if (tell.tell === "ping") {
    if (!isAskedTo("mute")) say({ say: "pong", n: tell.n, lag: 0, ready: undefined, halted: undefined });
  } else if (tell.tell === "status" && isAskedTo("wrong")) write("hello\n");
  else if (tell.tell === "status") {
    const unknown = { failure: undefined, version: undefined, bytes: undefined, bytesMax: undefined };
    const members = endpoints.map((address) => ({ ...unknown, address, isLeader: false }));
    const status = nodeStatus({ name, halted, sessions: tokens, engine: { hasQuorum: true, members, warnings: [] } });
    say({ say: "status", n: tell.n, status: nodeStatusText(status) });
  }
}
