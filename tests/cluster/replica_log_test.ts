import { assert, assertEquals, assertMatch } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { type Describer, jsonLines } from "../../src/cluster/log_lines.ts";
import { ReplicaLog, type ReplicaLogFile } from "../../src/cluster/replica_log.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import { testNeeding } from "../net/needing.ts";

const client = "c".repeat(32);

/** A command or an output is a text here. */
const describe: Describer = {
  command: (bytes) => new TextDecoder().decode(bytes),
  output: (bytes) => new TextDecoder().decode(bytes),
};

function batch(...items: readonly string[]): Uint8Array {
  const writer = new ByteWriter();
  for (const item of items) writer.blob(new TextEncoder().encode(item));
  return writer.copy();
}

function executed(index: number, ...commands: readonly string[]): Executed {
  const outputs = batch(...commands.map((command) => `${command}!`));
  return { index, v: 3, ts: index, client, seq: index, commands: batch(...commands), outputs };
}

const line = (index: number, ts: number, place: number, command: string) =>
  `${index}\t3.${ts}.${client}#${place}\t${command}\t${command}!\n`;

function test(name: string, fn: (path: string) => void): void {
  testNeeding(["read", "write"], name, async () => {
    const directory = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    try {
      fn(`${directory}/replica-1.log`);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

/** All files of the directory by their names. */
function files(path: string): Record<string, string> {
  const directory = path.slice(0, path.lastIndexOf("/"));
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
  return Object.fromEntries(names.map((name) => [name, Deno.readTextFileSync(`${directory}/${name}`)]));
}

test("ReplicaLog.append() writes a line for each command, with its own index", (path) => {
  using log = new ReplicaLog(path, describe);
  log.append([executed(7, "a", "b"), executed(9, "c")]);
  log.append([executed(10)]);
  log.append([executed(10, "d")]);
  const lines = [line(7, 7, 1, "a"), line(8, 7, 2, "b"), line(9, 9, 1, "c"), line(10, 10, 1, "d")];
  assertEquals(files(path), { "replica-1.log": lines.join("") });
});

test("ReplicaLog.clear() begins from scratch", (path) => {
  using log = new ReplicaLog(path, describe);
  log.append([executed(1, "a"), executed(2, "b")]);
  log.clear();
  assertEquals(files(path), { "replica-1.log": "" });
  log.append([executed(9, "c")]);
  assertEquals(files(path), { "replica-1.log": line(9, 9, 1, "c") });
});

test("ReplicaLog keeps the logs of all its predecessors, the latest under the highest number", (path) => {
  for (const index of [1, 5, 9]) {
    using log = new ReplicaLog(path, describe);
    log.append([executed(index, `${index}`)]);
  }
  Deno.writeTextFileSync(`${path}.4`, "somebody's");
  Deno.writeTextFileSync(`${path}.3`, "");
  using _log = new ReplicaLog(path, describe);
  assertEquals(files(path), {
    "replica-1.log": "",
    "replica-1.log.1": line(1, 1, 1, "1"),
    "replica-1.log.2": line(5, 5, 1, "5"),
    "replica-1.log.3": "",
    "replica-1.log.4": "somebody's",
    "replica-1.log.5": line(9, 9, 1, "9"),
  });
});

test("ReplicaLog keeps no log that is empty", (path) => {
  for (let predecessor = 0; predecessor < 3; predecessor++) {
    using _log = new ReplicaLog(path, describe);
  }
  assertEquals(files(path), { "replica-1.log": "" });
});

test("ReplicaLog.appendAgain() continues after the last whole line of its predecessor", (path) => {
  const again = [executed(1, "a"), executed(2, "b", "c"), executed(4, "d")];
  const whole = line(1, 1, 1, "a") + line(2, 2, 1, "b");
  Deno.writeTextFileSync(path, whole + line(3, 2, 2, "c").slice(0, 9));
  using log = new ReplicaLog(path, describe);
  log.appendAgain(again);
  assertEquals(files(path)["replica-1.log"], line(2, 2, 1, "b") + line(3, 2, 2, "c") + line(4, 4, 1, "d"));
});

test("ReplicaLog.appendAgain() writes all where its predecessor had another history, or no lines", (path) => {
  const again = [executed(1, "a"), executed(2, "b")];
  const all = line(1, 1, 1, "a") + line(2, 2, 1, "b");
  for (const before of ["", "nonsense", line(2, 9, 1, "b"), line(7, 7, 1, "x")]) {
    Deno.writeTextFileSync(path, before);
    using log = new ReplicaLog(path, describe);
    log.appendAgain(again);
    assertEquals(files(path)["replica-1.log"], all, before);
  }
});

// ---- A log that cannot be written ----

/** A disk with room for `room` more bytes, and a clock. */
class Disk {
  room = Infinity;
  why = "No space left on device (os error 28)";
  nowMs = 0;
  readonly said: string[] = [];
  readonly options = {
    now: () => this.nowMs,
    onTrouble: (message: string) => void this.said.push(message),
    open: (path: string): ReplicaLogFile => {
      const file = Deno.openSync(path, { write: true, create: true, truncate: true });
      const writeSync = (bytes: Uint8Array) => {
        if (this.room === 0) throw new Error(this.why);
        const written = file.writeSync(bytes.subarray(0, this.room));
        this.room -= written;
        return written;
      };
      const other = { truncateSync: (length?: number) => file.truncateSync(length), close: () => file.close() };
      return { writeSync, seekSync: (...args) => file.seekSync(...args), ...other };
    },
  };
}

test("ReplicaLog drops lines while it cannot be written, says so once, and then which are missing", (path) => {
  const disk = new Disk();
  using log = new ReplicaLog(path, describe, disk.options);
  log.append([executed(1, "a")]);
  // Half a line fits.
  disk.room = 20;
  log.append([executed(2, "b", "c")]);
  assertEquals(files(path), { "replica-1.log": line(1, 1, 1, "a") });
  disk.nowMs = 5_000;
  log.append([executed(4, "d")]);
  assertEquals(log.figures, { isLogFailing: true, logMissing: 3 });
  // There is room again, but it was tried just now.
  disk.room = Infinity;
  disk.nowMs = 5_500;
  log.append([executed(5), executed(5, "e")]);
  assertEquals(files(path), { "replica-1.log": line(1, 1, 1, "a") });
  disk.nowMs = 6_000;
  log.append([executed(6, "f")]);
  log.append([executed(7, "g")]);
  assertEquals(log.figures, { isLogFailing: false, logMissing: 4 });
  const gap = `# lines 2 to 5 are missing: the log could not be written (${disk.why})\n`;
  assertEquals(files(path), {
    "replica-1.log": line(1, 1, 1, "a") + gap + line(6, 6, 1, "f") + line(7, 7, 1, "g"),
  });
  assertEquals(disk.said, [
    `Cannot write the log "${path}": ${disk.why}. The replica continues, and logs again when that is possible`,
    `The log "${path}" is written again; lines 2 to 5 are missing in it`,
  ]);
  // A second time, which is said again.
  disk.room = 0;
  disk.why = "Input/output error (os error 5)";
  log.append([executed(8, "h")]);
  disk.room = Infinity;
  disk.nowMs = 9_000;
  log.append([executed(9, "i")]);
  assertEquals(disk.said.length, 4);
  assertEquals(log.figures, { isLogFailing: false, logMissing: 5 });
  assertMatch(
    files(path)["replica-1.log"],
    /\n# line 8 is missing: .*\(Input\/output error \(os error 5\)\)\n9\t[^\n]*\n$/,
  );
});

test("ReplicaLog is opened later where it cannot be at first, or where its file is gone", (path) => {
  const disk = new Disk();
  Deno.mkdirSync(path);
  using log = new ReplicaLog(path, describe, disk.options);
  log.append([executed(1, "a")]);
  assertEquals([Deno.statSync(path).isDirectory, disk.said.length], [true, 1]);
  Deno.removeSync(path);
  disk.nowMs = 1_000;
  log.append([executed(2, "b")]);
  const missing = (lines: string) => new RegExp(`^# ${lines} missing: the log could not be written \\(.*\\)\\n`);
  assertMatch(files(path)["replica-1.log"], missing("line 1 is"));
  // All that was there is gone: the directory was removed, and another one made.
  const directory = path.slice(0, path.lastIndexOf("/"));
  disk.room = 0;
  log.append([executed(3, "c")]);
  Deno.removeSync(directory, { recursive: true });
  disk.room = Infinity;
  disk.nowMs = 2_000;
  log.append([executed(4, "d")]);
  assertEquals(disk.said.length, 3);
  Deno.mkdirSync(directory);
  disk.nowMs = 3_000;
  log.append([executed(5, "e")]);
  assertMatch(files(path)["replica-1.log"], missing("lines 3 to 4 are"));
  assert(files(path)["replica-1.log"].endsWith(line(5, 5, 1, "e")));
});

test("ReplicaLog.clear() and appendAgain() of a log that cannot be written fail no more than append() does", (path) => {
  const disk = new Disk();
  using log = new ReplicaLog(path, describe, disk.options);
  log.append([executed(1, "a")]);
  disk.room = 3;
  log.appendAgain([executed(2, "b")]);
  // The missing lines belong to a state that was replaced.
  log.clear();
  disk.room = Infinity;
  disk.nowMs = 1_000;
  log.append([executed(8, "h")]);
  assertEquals(files(path), { "replica-1.log": line(8, 8, 1, "h") });
  assertEquals(disk.said[1], `The log "${path}" is written again; none is missing`);
});

test("ReplicaLog keeps nothing of what it drops", (path) => {
  const disk = new Disk();
  disk.room = 0;
  using log = new ReplicaLog(path, describe, disk.options);
  const before = Deno.memoryUsage().heapUsed;
  const text = "x".repeat(100_000);
  for (let index = 1; index <= 1_500; index++) log.append([executed(index, text)]);
  assert(Deno.memoryUsage().heapUsed - before < 100e6);
  assertEquals([disk.said.length, files(path)["replica-1.log"]], [1, ""]);
});

test("ReplicaLog says why it cannot be opened, without the call that failed", (path) => {
  const disk = new Disk();
  // The directory of the log is a file.
  Deno.writeTextFileSync(path, "");
  using _log = new ReplicaLog(`${path}/replica-1.log`, describe, disk.options);
  assertEquals(disk.said.length, 1);
  assertMatch(disk.said[0], /^Cannot write the log "[^"]*": [^':]* \(os error \d+\)\. The replica continues, /);
});

// ---- Lines of JSON ----

test("ReplicaLog writes objects, and continues after the last one of its predecessor, whatever its time", (path) => {
  let second = 0;
  const lines = jsonLines(1, () => new Date(Date.UTC(2026, 10, 24, 10, 0, second++)));
  const again = [executed(1, "a"), executed(2, "b", "c"), executed(4, "d")];
  {
    using log = new ReplicaLog(path, describe, { lines });
    log.append(again.slice(0, 2));
  }
  const disk = new Disk();
  using log = new ReplicaLog(path, describe, { ...disk.options, lines });
  log.appendAgain(again);
  disk.room = 0;
  log.append([executed(5, "e")]);
  disk.room = Infinity;
  disk.nowMs = 2_000;
  log.append([executed(6, "f")]);
  const written = files(path)["replica-1.log"].trimEnd().split("\n").map((line) => JSON.parse(line));
  const common = { level: "info", replica: 1, event: "executed" };
  assertEquals(written[0], {
    time: written[0].time,
    ...common,
    message: "c",
    index: 3,
    uid: `3.2.${client}#2`,
    output: "c!",
  });
  const short = written.map(({ event, index, first, last }) => [event, index ?? [first, last]]);
  assertEquals(short, [["executed", 3], ["executed", 4], ["missing", [5, 5]], ["executed", 6]]);
});
