import { assertThrows } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { type Submitter, VaxlogClient } from "../../src/library/client.ts";
import { describeCommand } from "../../src/database/wire/command_fields.ts";
import { describeOutput } from "../../src/database/wire/output_words.ts";
import { Sites } from "../database/store/machine.ts";
import { itemsOf } from "../../src/batch.ts";
import { Ledger } from "./ledger.ts";
import { type LogEntry, parseLog } from "./log.ts";

const harvard = "Harvard University";
const client = "c".repeat(32);

/** A database that is alone, and its log. */
class Alone implements Submitter {
  readonly log: LogEntry[] = [];
  readonly sites = new Sites();

  submit(command: Uint8Array): ReturnType<Submitter["submit"]> {
    const batch = new ByteWriter();
    batch.blob(command);
    const [output] = itemsOf(this.sites.apply(batch.view()));
    const index = this.log.length + 1;
    const uid = `1.${index}.${client}#1`;
    this.log.push({ index, uid, command: describeCommand(command), output: describeOutput(output) });
    return Promise.resolve({ output, index });
  }
}

/** A true history of six commands, and the log of it after `spoil`. */
async function history(spoil: (log: LogEntry[]) => LogEntry[]): Promise<{ ledger: Ledger; logs: LogEntry[][] }> {
  const ledger = new Ledger();
  const alone = new Alone();
  const [one, two] = [1, 2].map(() => new VaxlogClient(ledger.watch(alone)));
  for (let value = 0; value < 6; value += 2) {
    await one.set(harvard, value);
    await two.set(harvard, value + 1);
  }
  return { ledger, logs: [alone.log, spoil(alone.log.map((entry) => ({ ...entry })))] };
}

Deno.test("Ledger.check() takes a true history, and one of which a replica has seen only the beginning", async () => {
  const { ledger, logs } = await history((log) => log.slice(0, 3));
  ledger.check(logs, [0]);
});

Deno.test("Ledger.check() finds what is wrong with a history", async () => {
  const lies: readonly [what: string, spoil: (log: LogEntry[]) => LogEntry[]][] = [
    ["replica 1 has survived", (log) => log.slice(0, 3)],
    ["differs at index 2", ([a, b, ...rest]) => [a, { ...b, output: "ok" }, ...rest]],
    ["indexes of log 1", (log) => log.toSpliced(3, 1)],
    ["was executed twice", (log) => [...log, { ...log[5], index: 7 }]],
    ["index 7 is in no log", (log) => [...log, { ...log[5], index: 9, uid: `1.9.${client}#1` }]],
  ];
  for (const [what, spoil] of lies) {
    const { ledger, logs } = await history(spoil);
    assertThrows(() => ledger.check(logs, [0, 1]), Error, what);
  }
});

Deno.test("Ledger.check() takes logs that begin later, if they agree and together have all", async () => {
  const { ledger, logs: [whole] } = await history((log) => log);
  ledger.check([whole, whole.slice(2), whole.slice(6)], [0, 1]);
  ledger.check([whole.slice(4), whole.slice(0, 4), whole.slice(2, 5)], [0]);
  const spoiled = whole.map((entry) => entry.index === 5 ? { ...entry, output: "ok" } : entry);
  const lies: readonly [what: string, logs: LogEntry[][]][] = [
    ["index 3 is in no log", [whole.slice(3), whole.slice(0, 2)]],
    ["log 1 differs at index 5", [whole, spoiled.slice(4)]],
    ["replica 1 has survived", [whole, whole.slice(2, 5)]],
  ];
  for (const [what, logs] of lies) assertThrows(() => ledger.check(logs, [0, 1]), Error, what);
});

Deno.test("Ledger.check() finds what is wrong though all replicas agree", async () => {
  // As a database would have answered it that executed it twice.
  const twice = (entry: LogEntry) => {
    return { ...entry, index: 7, uid: `1.9.${client}#1`, output: entry.output.replace("entry 7", "entry 8") };
  };
  const renumbered = (log: LogEntry[]) => log.map((entry, at) => ({ ...entry, index: at + 1 }));
  const lies: readonly [what: string, spoil: (log: LogEntry[]) => LogEntry[]][] = [
    ["was answered, and the log ends at 5", (log) => log.slice(0, 5)],
    ["nobody has asked for", (log) => [...log, { ...log[5], index: 7, uid: `1.9.${client}#1`, command: "view x" }]],
    ["was executed 2 times, not 1 to 1", (log) => [...log, twice(log[5])]],
    ["index 2", ([a, b, ...rest]) => [a, { ...b, output: "ok" }, ...rest]],
    ["index 1", ([a, b, ...rest]) => renumbered([b, a, ...rest])],
  ];
  for (const [what, spoil] of lies) {
    const { ledger, logs } = await history(spoil);
    assertThrows(() => ledger.check([logs[1], logs[1]], [0, 1]), Error, what);
  }
});

Deno.test("Ledger.check() finds an answer that stands before one that was seen before it was asked", async () => {
  const ledger = new Ledger();
  const alone = new Alone();
  const late = Promise.withResolvers<Awaited<ReturnType<Submitter["submit"]>>>();
  const [one, two] = [alone, { submit: () => late.promise }].map((it) => new VaxlogClient(ledger.watch(it)));
  const first = await alone.submit(Uint8Array.of(1, 0, 0, 1, 0, 0));
  await one.set(harvard, 1);
  const pages = Array.fromAsync(two.list());
  late.resolve(first);
  await pages;
  assertThrows(() => ledger.check([alone.log], [0]), Error, "was asked when 2 had been seen, and stands at 1");
});

Deno.test("Ledger.check() takes reads of what had been seen, and finds stale and wrong ones", async () => {
  type Reply = Awaited<ReturnType<Submitter["submit"]>>;
  /** Two changes, with a read after each; the second one is answered as `spoil` makes it of the two. */
  const readBy = async (spoil: (now: Reply, before: Reply) => Reply) => {
    const ledger = new Ledger();
    const alone = new Alone();
    let before: Reply | undefined;
    const read = (command: Uint8Array) => {
      const batch = new ByteWriter();
      batch.blob(command);
      const [output] = itemsOf(alone.sites.read(batch.view())!);
      const now = { output, index: alone.log.length };
      before ??= now;
      return Promise.resolve(before === now ? now : spoil(now, before));
    };
    const reader = new VaxlogClient(ledger.watch({ submit: (command) => alone.submit(command), read }));
    for (const value of [1, 2]) {
      await reader.set(harvard, value);
      await reader.view(harvard);
    }
    return () => ledger.check([alone.log], [0]);
  };
  const check = await readBy((now) => now);
  check();
  const lies: readonly [what: string, spoil: (now: Reply, before: Reply) => Reply][] = [
    ["was asked when 2 had been seen, and read after index 1", (_, before) => before],
    ["was read after index 3, and the log ends at 2", ({ output }) => ({ output, index: 3 })],
    ["read after index 2: view", ({ index }, { output }) => ({ output, index })],
  ];
  for (const [what, spoil] of lies) assertThrows(await readBy(spoil), Error, what);
});

Deno.test("parseLog() leaves the torn last line of a replica that was killed out, and of no other", () => {
  const line = `1\t1.2.${client}#1\tlist-page\tpage of 1 site\n`;
  const [entry] = parseLog(line, true);
  for (const torn of ["", "2", "2\t1.3.cc"]) {
    const log = parseLog(line + torn, false);
    if (log.length !== 1 || log[0].uid !== entry.uid) throw new Error(`"${torn}" was taken for a line`);
  }
  assertThrows(() => parseLog(`${line}2\t1.3.`, true), Error, "ends with a line");
  assertThrows(() => parseLog("1\t2\n", true), Error, "is not a line of a log");
});
