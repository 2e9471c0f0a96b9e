import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ConnectError, type Notice } from "../../src/net/client/session.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { Stage, TypedLines } from "./stage.ts";

const member: Notice = { kind: "joined", message: "The replica at 127.0.0.1:8893 has joined" };
const waiting: Notice = { kind: "waiting", message: "No view has come yet" };

Deno.test("If nobody accepts, the client says what it tried and ends with 1", async () => {
  for (const args of [["8892", "list"], ["8892"]]) {
    const stage = new Stage();
    stage.connectError = new ConnectError("No replica answers: 127.0.0.1:8892 refused the connection");
    assertEquals(await stage.run(...args), 1);
    assertEquals([stage.stdout, stage.stderr], ["", "No replica answers: 127.0.0.1:8892 refused the connection\n"]);
  }
});

Deno.test("A scripted command says notices at once on standard error, and succeeds", async () => {
  const stage = new Stage();
  stage.early.push(waiting, member);
  assertEquals(await stage.run("8892", "view", "Harvard University"), 0);
  assertEquals(stage.stderr, `${waiting.message}\n${member.message}\n`);
  assertEquals(stage.stdout, "Harvard University, ZIP 02138, availability 0\n");
});

Deno.test("The menu says at once why it does not open, and all else at its first prompt", async () => {
  const stage = new Stage(["q"]);
  stage.early.push(waiting, member);
  assertEquals(await stage.run("8892"), 0);
  assertEquals(stage.stderr, `${waiting.message}\n`);
  assertStringIncludes(stage.stdout, `${member.message}\n[l] [f] [v] [h] [e] [n] [r] [q] > q\n`);
});

Deno.test("Ctrl-C in the menu closes the session and ends with 0, without a word", async () => {
  const stage = new Stage();
  stage.isTyped = true;
  stage.lines = new TypedLines(["v"], true);
  const code = stage.run("8892");
  await stage.lines.asked;
  stage.interrupt();
  assertEquals(await code, 0);
  assertEquals(stage.stderr, "\n", "only the line of the prompt is ended");
  assert(stage.cluster.isClosed);
});

Deno.test("Ctrl-C while a change is under way says that its outcome is unknown, and ends with 3", async () => {
  for (const args of [["8892", "set", "Harvard University", "5"], ["8892"]]) {
    const stage = new Stage(["n", "MIT", "02139"]);
    const sent = Promise.withResolvers<void>();
    stage.cluster.insteads.push(() => {
      sent.resolve();
      return new Promise(() => {});
    });
    const code = stage.run(...args);
    await sent.promise;
    stage.interrupt();
    assertEquals(await code, 3);
    assertMatch(stage.stderr, /^\nThe outcome is unknown: .*stopped.* may or may not have been done\n$/);
    assert(stage.cluster.isClosed);
  }
});

Deno.test("Ctrl-C while a site is read, or before there is a session, is quiet", async () => {
  const stage = new Stage();
  const sent = Promise.withResolvers<void>();
  stage.cluster.insteads.push(() => {
    sent.resolve();
    return new Promise(() => {});
  });
  const code = stage.run("8892", "view", "Harvard University");
  await sent.promise;
  stage.interrupt();
  assertEquals(await code, 1);
  assertEquals([stage.stdout, stage.stderr], ["", ""]);
});

Deno.test("An output that nobody reads any more ends the client quietly", async () => {
  const stage = new Stage();
  for (let at = 0; at < 800; at++) await new VaxlogClient(stage.cluster).add(`${"y".repeat(190)} ${at}`, "1");
  stage.stdoutMax = 100_000;
  assertEquals(await stage.run("8892", "list"), 0);
  assertEquals(stage.stderr, "");
  assert(stage.cluster.isClosed);

  const menu = new Stage(["l", "l"]);
  menu.stdoutMax = 200;
  assertEquals(await menu.run("8892"), 0);
  assertEquals(menu.stderr, "");
  assert(menu.cluster.isClosed);
});

Deno.test("An error that nobody expects is one line, without a stack trace", async () => {
  const stage = new Stage();
  stage.cluster.insteads.push(() => Promise.reject(new TypeError("x is not\na function")));
  assertEquals(await stage.run("8892", "list"), 1);
  assertEquals(stage.stderr, "The client failed unexpectedly: TypeError: x is not\\u000aa function\n");
});
