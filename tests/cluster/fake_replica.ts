/**
 * A replica that only talks to its launcher: for tests of the launcher, and of what it does when a replica misbehaves.
 *
 * Its module address says how it misbehaves, and which one does: `fake_replica.ts?deaf=1` is a replica that answers no
 * ping if its id is 1. Every failure that it is told of it confirms with an `installed` that has no such member.
 *
 * A newcomer joins at once; one that `lingers` joins when it has been asked for its status. `again` says what a replica
 * does first that is restarted on free ports: it is `fatal`, or `late` and never listens, or `waits` until somebody
 * connects to it.
 *
 * One that `restores` says with each pong that it has 37 % of the data.
 *
 * With `--data`, its file holds what it says that it has found, as JSON, and it keeps it up to date. A file that holds
 * `damaged` is unreadable, and `slow` takes until somebody has written something else there. `halts` is one that cannot
 * continue from what it has found. `begins` is one that writes the next view, and never says that it has it. One that
 * is `clean` says what is in its file as it ends.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { parseReplicaTell, type ReplicaSay, type ReplicaTell, statusText } from "../../src/cluster/replica_messages.ts";
import { controlLineBytesMax, encodeControl } from "../../src/runtime/control.ts";
import { told } from "../../src/runtime/parent.ts";
import type { Found } from "../../src/protocol/replica/recovery.ts";
import type { Member } from "../../src/uid.ts";

const wishes = new URL(import.meta.url).searchParams;

let id = -1;
let members: number[] = [];
let v = 1;
let joining = false;
let cluster = "";
let known: readonly Member[] = [];

/** Whether this replica is the one that was asked for it. */
const isAskedTo = (wish: string) => wishes.get(wish) === `${id}`;

const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
const say = (message: ReplicaSay) => write(encodeControl(message));

function form(tell: Extract<ReplicaTell, { tell: "form" }>): void {
  id = tell.id;
  members = tell.members.map(({ id }) => id);
  joining = tell.role === "join";
  ({ cluster, members: known } = tell);
  if (isAskedTo("mute")) return;
  if (tell.role === "recover" && isAskedTo("begins")) {
    v++;
    return keep();
  }
  if (tell.role === "recover" && isAskedTo("halts")) {
    say({ say: "fatal", message: "it cannot be" });
    Deno.exit(1);
  }
  if (tell.role === "new") keep();
  if (isAskedTo("ends")) Deno.exit(7);
  say({ say: "ready" });
  if (isAskedTo("errs")) console.error("one\ntwo");
  if (isAskedTo("suspects")) say({ say: "suspect", id: Number(wishes.get("whom")) });
  if (isAskedTo("counts")) members = [Number(wishes.get("whom")), ...members];
  if (tell.role === "recover") install();
  if (joining && !isAskedTo("lingers")) join();
}

/** Installs the next view. */
function install(): void {
  v++;
  keep();
  say({ say: "installed", v, members: joining ? members.filter((member) => member !== id) : members });
}

function keep(): void {
  if (data === undefined || joining) return;
  const highest = { v, members: known.filter(({ id }) => members.includes(id)) };
  const counts = { executed: 10 * v, requests: v, pending: 0 };
  const found: Found = { cluster, id, v, ...counts, digest: "0".repeat(14), highest, stray: null };
  Deno.writeTextFileSync(data, JSON.stringify(found));
}

/** The content of the file; null: there is no file. */
function read(file: string): Found | null {
  for (;;) {
    let text: string;
    try {
      text = Deno.readTextFileSync(file);
    } catch {
      return null;
    }
    if (text === "slow" || text === "") continue;
    if (text !== "damaged") return JSON.parse(text);
    say({ say: "unreadable", message: `The file "${file}" is damaged` });
    Deno.exit(1);
  }
}

function join(): void {
  joining = false;
  // Later than whatever the others, whom nobody tells of it, will have installed.
  v += 100;
  install();
}

function obey(tell: ReplicaTell): void {
  switch (tell.tell) {
    case "rest":
      return;
    case "form":
      return form(tell);
    case "ping":
      if (isAskedTo("raves")) write('{"say":"hello"}\n');
      if (isAskedTo("floods")) write("x".repeat(controlLineBytesMax + 1));
      if (isAskedTo("deaf")) break;
      say({
        say: "pong",
        n: tell.n,
        restored: isAskedTo("restores") ? 37 : undefined,
        fetched: isAskedTo("restores") ? 12 : undefined,
        lacks: isAskedTo("lacks") ? true : undefined,
        short: undefined,
      });
      return;
    case "status": {
      const counts = {
        executed: data === undefined ? 10 + id : 10 * v,
        lastEntry: 1,
        logBytes: 0,
        logBytesMax: 0,
        clock: 20 + id,
        sessions: 0,
        pending: 0,
        memoryBytes: 0,
        restored: undefined,
        fetched: undefined,
        history: undefined,
        files: undefined,
        uptimeMs: 0,
        waits: undefined,
      };
      const state = { id, v: joining ? 0 : v, members: joining ? [] : members, joining, frozen: false };
      const status = {
        kind: "STATUS_IS",
        cluster,
        ...state,
        ...counts,
        digest: "0".repeat(14),
        durable: false,
      } as const;
      if (!isAskedTo("deaf")) say({ say: "status", n: tell.n, status: statusText(status) });
      if (joining) join();
      return;
    }
    case "failed":
      members = members.filter((member) => member !== tell.id);
      install();
  }
}

Deno.addSignalListener("SIGINT", () => {});
const text = { type: "string" } as const;
const { port, data } = parseArgs({
  args: Deno.args,
  options: { port: text, data: text, restore: text, "log-dir": text },
}).values;
const again = Number(port) === 0 ? null : wishes.get("again");
if (wishes.has("fatal") || again === "fatal") {
  say({ say: "fatal", message: "there is no reason" });
  Deno.exit(1);
}
const found = data === undefined ? null : read(data);
v = found?.v ?? 1;
say({ say: "found", found });
const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(port) });
if (again === "waits") (await listener.accept()).close();
if (!wishes.has("late") && again !== "late") say({ say: "listening", port: listener.addr.port });
for await (const tell of told(parseReplicaTell)) obey(tell);
if (wishes.has("clean") && data !== undefined && !joining) {
  const last = read(data);
  if (last !== null) say({ say: "stopped", found: last });
}
if (isAskedTo("stays")) await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
Deno.exit(0);
