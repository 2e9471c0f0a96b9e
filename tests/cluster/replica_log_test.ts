import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { type Describer, ReplicaLog } from "../../src/cluster/replica_log.ts";
import type { Executed } from "../../src/protocol/executor.ts";
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

test("ReplicaLog.clear() begins anew", (path) => {
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

test("ReplicaLog leaves what is no file where it is, and cannot be opened", (path) => {
  Deno.mkdirSync(path);
  assertThrows(() => new ReplicaLog(path, describe));
  assertEquals(Deno.statSync(path).isDirectory, true);
});

test("ReplicaLog.appendAgain() goes on with the last line of its predecessor, of which a torn one does not count", (path) => {
  const again = [executed(1, "a"), executed(2, "b", "c"), executed(4, "d")];
  const whole = line(1, 1, 1, "a") + line(2, 2, 1, "b");
  Deno.writeTextFileSync(path, whole + line(3, 2, 2, "c").slice(0, 9));
  using log = new ReplicaLog(path, describe);
  log.appendAgain(again);
  assertEquals(files(path)["replica-1.log"], line(2, 2, 1, "b") + line(3, 2, 2, "c") + line(4, 4, 1, "d"));
});

test("ReplicaLog.appendAgain() writes all where the predecessor's log is of another history, or says nothing", (path) => {
  const again = [executed(1, "a"), executed(2, "b")];
  const all = line(1, 1, 1, "a") + line(2, 2, 1, "b");
  for (const before of ["", "nonsense", line(2, 9, 1, "b"), line(7, 7, 1, "x")]) {
    Deno.writeTextFileSync(path, before);
    using log = new ReplicaLog(path, describe);
    log.appendAgain(again);
    assertEquals(files(path)["replica-1.log"], all, before);
  }
});
