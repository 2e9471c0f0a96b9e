import { assert, assertEquals } from "@std/assert";
import { Keys, shown } from "../front/keys.ts";
import { type ByteSink, Console, OutputQueue, typedLines } from "../../src/cluster/console.ts";

/** A sink that keeps what it gets, at most `most` bytes at a time. */
class Paper implements ByteSink {
  text = "";
  #most: number;

  constructor(most = Infinity) {
    this.#most = most;
  }

  write(bytes: Uint8Array): Promise<number> {
    const count = Math.min(bytes.length, this.#most);
    this.text += new TextDecoder("latin1").decode(bytes.subarray(0, count));
    return Promise.resolve(count);
  }
}

const bound = 60_000;

Deno.test("OutputQueue.write() writes all in order, also to a sink that takes little at a time", async () => {
  const paper = new Paper(3);
  const output = new OutputQueue(paper);
  for (const text of ["one\n", "two\n", "three\n"]) output.write(text);
  await output.flush(bound);
  assertEquals(paper.text, "one\ntwo\nthree\n");
});

Deno.test("OutputQueue.write() drops and counts what a stuck sink does not take, and continues later", async () => {
  const stuck = Promise.withResolvers<void>();
  const paper = new Paper();
  const output = new OutputQueue({ write: (bytes) => stuck.promise.then(() => paper.write(bytes)) });
  output.write("first\n");
  const line = "x".repeat(99_999) + "\n";
  for (let at = 0; at < 50; at++) output.write(line);
  await output.flush(1);
  assertEquals(paper.text, "");
  stuck.resolve();
  await output.flush(bound);
  assert(paper.text.startsWith("first\nxxx"));
  assertEquals(paper.text.split(line).length - 1, 10);
  assert(paper.text.endsWith("(40 lines left out: nobody read them in time)\n"));
});

Deno.test("OutputQueue.write() takes a sink that is gone for no error", async () => {
  const output = new OutputQueue({ write: () => Promise.reject(new Error("Broken pipe")) });
  output.write("a\n");
  await output.flush(bound);
  output.write("b\n");
  await output.flush(bound);
});

Deno.test("Console.print() writes over what a key has left on a terminal, and asks for nothing yet", async () => {
  const paper = new Paper();
  const output = new OutputQueue(paper);
  const terminal = new Console(output, true, () => undefined);
  terminal.ask();
  terminal.print("started");
  terminal.close();
  terminal.print("stopped");
  await output.flush(bound);
  assertEquals(paper.text, "\rstarted\n\rstopped\n");
});

Deno.test("Console.print() puts lines above the one that is being typed, with the prompt", async () => {
  const paper = new Paper();
  const output = new OutputQueue(paper);
  const keyboard = new Keys();
  const terminal = new Console(output, true, () => 80);
  const editor = terminal.edit({ keyboard, onInterrupt: () => {}, onSuspend: () => {} });
  keyboard.type("sta");
  await keyboard.emptied();
  terminal.print("Replica 1 failed");
  keyboard.type("tus\r");
  assertEquals(await editor.next(), { done: false, value: "status" });
  terminal.print("answer");
  terminal.ask();
  terminal.close();
  terminal.print("stopped");
  terminal.ask();
  await output.flush(bound);
  assertEquals(shown(paper.text), ["Replica 1 failed", "> status", "answer", "> ", "stopped", ""]);
});

Deno.test("Console.ask() shows no prompt where nobody types", async () => {
  const paper = new Paper();
  const output = new OutputQueue(paper);
  const terminal = new Console(output, false, () => undefined);
  terminal.ask();
  terminal.print("line");
  terminal.close();
  await output.flush(bound);
  assertEquals(paper.text, "line\n");
});

Deno.test("typedLines() yields lines until the end, and takes an error for the end", async () => {
  const source = async function* () {
    for (const text of ["0\nsta", "tus\r\n", "qu"]) yield await Promise.resolve(new TextEncoder().encode(text));
    throw new Error("Input/output error");
  };
  const lines = [];
  for await (const line of typedLines(source())) lines.push(line);
  assertEquals(lines, ["0", "status", "qu"]);
});

Deno.test("Console.print() breaks a line between words where a terminal is narrow, and nowhere else", async () => {
  for (const [columns, shown] of [[12, "Replica 0 is\nup\n"], [undefined, "Replica 0 is up\n"]] as const) {
    const paper = new Paper();
    const output = new OutputQueue(paper);
    new Console(output, false, () => columns === undefined ? undefined : columns + 1).print("Replica 0 is up");
    await output.flush(bound);
    assertEquals(paper.text, shown);
  }
});
