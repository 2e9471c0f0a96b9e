import { assertEquals } from "@std/assert";
import { LineEditor } from "../../src/front/line_editor.ts";
import { Keys, shown } from "./keys.ts";

/** An editor, its keyboard, and all that the terminal was sent. */
function open(columns = 80) {
  const keys = new Keys();
  const stage = { keys, text: "", presses: [] as string[] };
  const editor = new LineEditor({
    keyboard: keys,
    write: (text) => void (stage.text += text),
    columns: () => columns,
    onInterrupt: () => void stage.presses.push("Ctrl-C"),
    onSuspend: () => void stage.presses.push("Ctrl-Z"),
  });
  return Object.assign(stage, { editor, lines: () => shown(stage.text, columns) });
}

Deno.test("LineEditor takes lines that are edited, and brings back those before", async () => {
  const { editor, keys, lines } = open();
  editor.ask("> ");
  keys.type("sttus\x1b[D\x1b[D\x1b[Da\r");
  assertEquals(await editor.next(), { done: false, value: "status" });
  editor.ask("> ");
  keys.type("\x1b[A\r");
  assertEquals(await editor.next(), { done: false, value: "status" });
  editor.ask("> ");
  keys.type("never\x15字\x7f");
  await keys.emptied();
  assertEquals(lines(), ["> status", "> status", "> "]);
  editor.close();
});

Deno.test("LineEditor.print() puts lines above what is being typed, however many rows that takes", async () => {
  const { editor, keys, lines } = open(20);
  editor.print("first");
  editor.ask("> ");
  keys.type("0123456789abcdefghijklmnop");
  await keys.emptied();
  editor.print("Replica 1 has failed");
  editor.print("Replica 0, too");
  keys.type("!");
  await keys.emptied();
  assertEquals(lines(), ["first", "Replica 1 has failed", "Replica 0, too", "> 0123456789abcdefgh", "ijklmnop!"]);
  keys.type("\r");
  assertEquals((await editor.next()).value, "0123456789abcdefghijklmnop!");
  editor.close();
});

Deno.test("LineEditor keeps what is typed before it is asked for", async () => {
  const { editor, keys, lines } = open();
  keys.type("0\n1\nsta");
  assertEquals([(await editor.next()).value, (await editor.next()).value], ["0", "1"]);
  await keys.emptied();
  editor.print("answer");
  editor.ask("A long question:\n> ");
  await keys.emptied();
  assertEquals(lines().slice(-3), ["answer", "A long question:", "> sta"]);
  editor.close();
});

Deno.test("LineEditor tells of Ctrl-C and Ctrl-Z, and of no signal", async () => {
  const stage = open();
  stage.editor.ask("> ");
  stage.keys.type("ab\x1a\x1a\x03c");
  await stage.keys.emptied();
  assertEquals(stage.presses, ["Ctrl-Z", "Ctrl-Z", "Ctrl-C"]);
  assertEquals(stage.lines(), ["> abc"]);
  stage.editor.close();
});

Deno.test("LineEditor.resume() sets the terminal again that a shell has set, and shows the line", async () => {
  const { editor, keys, lines } = open();
  editor.ask("> ");
  keys.type("sta");
  await keys.emptied();
  keys.isRaw = false;
  editor.resume();
  keys.type("tus");
  await keys.emptied();
  assertEquals([keys.isRaw, lines()], [true, ["> status"]]);
  editor.close();
  editor.resume();
  assertEquals(keys.isRaw, false);
});

Deno.test("LineEditor gives the terminal back at Ctrl-D, at its end, and when it is closed", async () => {
  for (const leave of ["key", "end", "call"] as const) {
    const { editor, keys, lines } = open();
    assertEquals(keys.isRaw, true);
    editor.ask("> ");
    const next = editor.next();
    if (leave === "key") keys.type("\x04");
    else if (leave === "end") keys.end();
    else editor.close();
    assertEquals(await next, { done: true, value: undefined });
    assertEquals(keys.isRaw, false, leave);
    assertEquals(await editor.next(), { done: true, value: undefined });
    editor.print("after");
    assertEquals(lines(), ["> ", "after", ""]);
    editor.close();
  }
});
