import { assertEquals } from "@std/assert";
import { helpText, parseTrigger, whatToType } from "../../src/cluster/typed_triggers.ts";

Deno.test("parseTrigger() reads ids and words, with blanks around them and in any case", () => {
  assertEquals(parseTrigger("0"), { what: "kill", slot: 0 });
  assertEquals(parseTrigger(" 12\t"), { what: "kill", slot: 12 });
  assertEquals(parseTrigger("Status "), { what: "status" });
  assertEquals(parseTrigger("HELP"), { what: "help" });
  assertEquals(parseTrigger("quit"), { what: "quit" });
  assertEquals(parseTrigger("  "), { what: "nothing" });
  assertEquals(parseTrigger("restart 1"), { what: "restart", slot: 1 });
  assertEquals(parseTrigger(" Restart \t 0 "), { what: "restart", slot: 0 });
  assertEquals(parseTrigger("ADD"), { what: "add" });
});

Deno.test("parseTrigger() takes nothing for an id that is not written as one", () => {
  const wrong = ["restart", "restart1", "restart -1", "restart 01", "restart 1 2", "restart all", "add 1", "add 2 3"];
  for (
    const text of [
      ...wrong,
      "-1",
      "+1",
      "00",
      "01",
      "1.0",
      "1e0",
      "0x1",
      "1 2",
      "１",
      "9".repeat(20),
      "replica 1",
      "exit",
    ]
  ) {
    assertEquals(parseTrigger(text), { what: "unknown", text });
  }
});

Deno.test("help says in a line for each trigger how it is typed, and what it does", () => {
  assertEquals(
    helpText,
    [
      "Type one of these:",
      "  ID          crash that replica (with SIGKILL)",
      "  restart ID  repair one that has failed: a new one takes its place, and the data from the others",
      "  add         add one more replica",
      "  status      print a table of the replicas, and how many more may fail",
      "  reload      read again which tokens count; those that were revoked are cut off at once",
      "  help        print this text",
      "  quit        stop the cluster",
    ].join("\n"),
  );
});

Deno.test("whatToType names every trigger", () => {
  assertEquals(whatToType, "type the id of a replica to crash it, or restart ID, add, status, reload, help, quit");
});
