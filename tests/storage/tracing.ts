/**
 * What a process asks of the disk, in order: its system calls as `strace` tells of them.
 *
 * Nothing else can tell a write that is on the disk from one that only the kernel has: both survive `kill -9`.
 *
 * @module
 */

import { assert } from "@std/assert";
import { inFolder } from "./folder.ts";

/** A system call, or a line that the process has printed. */
export interface TraceEvent {
  /** `sync` stands for fsync and fdatasync, `name` for whatever gives a file a name. */
  readonly kind: "sync" | "name" | "printed";
  /** The path of the file, the name that it is given, or the line. */
  readonly what: string;
}

const calls = "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat,write";

/** Why no process can be traced here; undefined: one can. */
export function whyNoTrace(): string | undefined {
  if (Deno.build.os !== "linux") return "strace is there on Linux only";
  const granted = (["run", "read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  if (!granted) return "needs --allow-run, --allow-read and --allow-write";
  try {
    const args = ["-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=none", "true"];
    const { success } = new Deno.Command("strace", { args, stdout: "null", stderr: "null" }).outputSync();
    return success ? undefined : "strace may not trace processes here";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "needs strace, a Debian package";
    throw error;
  }
}

/** Runs a script of this folder, and returns what it has asked of the disk and printed, in order. */
export async function traceOf(script: string, ...args: readonly string[]): Promise<TraceEvent[]> {
  let events: TraceEvent[] = [];
  await inFolder(async (folder) => {
    const out = `${folder}/trace`;
    const path = new URL(script, import.meta.url).pathname;
    const program = [Deno.execPath(), "run", "--no-prompt", "--allow-read", "--allow-write", path, ...args];
    const options = ["-f", "--seccomp-bpf", "-y", "-qq", "-s", "80", "-e", calls, "-e", "signal=none", "-o", out];
    const strace = new Deno.Command("strace", { args: [...options, ...program], stdin: "null" });
    const { success, stderr } = await strace.output();
    assert(success, new TextDecoder().decode(stderr));
    events = eventsOf(Deno.readTextFileSync(out));
  });
  return events;
}

/** The events in the text of a trace of several threads, in the order in which the calls returned. */
export function eventsOf(trace: string): TraceEvent[] {
  const events: TraceEvent[] = [];
  const unfinished = new Map<string, string>();
  for (const line of trace.split("\n")) {
    const [, pid, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === undefined) continue;
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(rest);
    if (begun !== null) {
      unfinished.set(pid, begun[1]);
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const event = eventOf(resumed === null ? rest : (unfinished.get(pid) ?? "") + resumed[1]);
    if (event !== undefined) events.push(event);
  }
  return events;
}

function eventOf(call: string): TraceEvent | undefined {
  const synced = /^f(?:data)?sync\(\d+<(.*)>\)\s+= 0$/.exec(call);
  if (synced !== null) return { kind: "sync", what: synced[1] };
  const named = /^(?:rename|link)\w*\(.*"([^"]*)"(?:, \w+)?\)\s+= 0$/.exec(call);
  if (named !== null) return { kind: "name", what: named[1] };
  const printed = /^write\(\d+<[^>]*>, "(step [^"\\]*)\\n", \d+\)/.exec(call);
  return printed === null ? undefined : { kind: "printed", what: printed[1] };
}

/** The paths that were synced between two printed lines, without their folder; with `name NAME` where one was given. */
export function between(events: readonly TraceEvent[], from: string, to: string): string[] {
  const at = (line: string) => events.findIndex(({ kind, what }) => kind === "printed" && what === line);
  const [start, end] = [at(from), at(to)];
  assert(start >= 0 && end > start, `"${from}" and then "${to}" were printed`);
  return events.slice(start + 1, end).map(({ kind, what }) => {
    const name = what.slice(what.lastIndexOf("/") + 1);
    return kind === "name" ? `name ${name}` : name;
  });
}
