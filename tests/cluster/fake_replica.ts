/**
 * A replica that only talks to its launcher: for tests of the launcher, and of what it does when a replica misbehaves.
 *
 * Its module address says how it misbehaves, and which one does: `fake_replica.ts?deaf=1` is a replica that answers no
 * ping if its id is 1. Every failure that it is told of it confirms with an `installed` that has no such member.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { controlLineBytesMax, encodeControl, parseTell, type Say, type Tell } from "../../src/cluster/control.ts";
import { LineSplitter } from "../../src/cluster/lines.ts";

const wishes = new URL(import.meta.url).searchParams;

let id = -1;
let members: number[] = [];
let v = 1;

/** Whether this replica is the one that was asked for it. */
const isAskedTo = (wish: string) => wishes.get(wish) === `${id}`;

const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
const say = (message: Say) => write(encodeControl(message));

function form(tell: Extract<Tell, { tell: "form" }>): void {
  id = tell.id;
  members = tell.members.map(({ id }) => id);
  if (isAskedTo("mute")) return;
  if (isAskedTo("ends")) Deno.exit(7);
  say({ say: "ready" });
  if (isAskedTo("errs")) console.error("one\ntwo");
  if (isAskedTo("suspects")) say({ say: "suspect", id: Number(wishes.get("whom")), why: "link broken" });
}

function obey(tell: Tell): void {
  switch (tell.tell) {
    case "form":
      return form(tell);
    case "ping":
      if (isAskedTo("raves")) write('{"say":"hello"}\n');
      if (isAskedTo("floods")) write("x".repeat(controlLineBytesMax + 1));
      if (!isAskedTo("deaf")) say({ say: "pong", n: tell.n });
      return;
    case "status": {
      const status = { id, v, members, executed: 10 + id, clock: 20 + id, frozen: false, sessions: 0, pending: 0 };
      if (!isAskedTo("deaf")) say({ say: "status", n: tell.n, ...status });
      return;
    }
    case "failed":
      members = members.filter((member) => member !== tell.id);
      say({ say: "installed", v: ++v, members });
  }
}

Deno.addSignalListener("SIGINT", () => {});
const { port } = parseArgs(Deno.args);
if (wishes.has("fatal")) {
  say({ say: "fatal", message: "there is no reason" });
  Deno.exit(1);
}
const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(port) });
if (!wishes.has("late")) say({ say: "listening", port: listener.addr.port });
const splitter = new LineSplitter(controlLineBytesMax);
for await (const bytes of Deno.stdin.readable) {
  for (const { text } of splitter.push(bytes)) obey(parseTell(text));
}
if (isAskedTo("stays")) await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
Deno.exit(0);
