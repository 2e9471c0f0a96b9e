import { assertEquals } from "@std/assert";
import { parseProc, parsePs, watchedPids } from "../../src/runtime/parent_watch.ts";

/** The pids that are watched, where the ancestors have these command lines and the pids 1, 2, 3, ... */
const watched = (...commands: string[]) =>
  watchedPids(commands.map((command, at) => ({ pid: at + 1, parent: at + 2, command })));

Deno.test("watchedPids() goes up to the topmost runner, and not to somebody's shell above", () => {
  assertEquals(watched("deno task servers 3", "-bash", "sshd: me"), [1]);
  assertEquals(watched("/usr/bin/denote task servers 3", "-bash"), []);
  assertEquals(watched("/home/me/.deno/bin/deno task -q servers 3", "/bin/bash"), [1]);
  assertEquals(
    watched("deno task servers 3", "sh -c 'deno' task servers 3", "npm exec deno@2.9.6 task servers 3", "-zsh"),
    [
      1,
      2,
      3,
    ],
  );
  assertEquals(
    watched(
      "deno task servers 3",
      "node /root/.npm/_npx/7a/node_modules/.bin/deno task servers 3",
      "/bin/sh -c deno",
      "npm exec",
    ),
    [1, 2, 3, 4],
  );
  assertEquals(watched("deno task servers 3", "node /usr/bin/npx deno task servers 3", "bash"), [1, 2]);
});

Deno.test("watchedPids() leaves a script that starts the servers and ends alone", () => {
  assertEquals(watched("deno task servers 3", "sh -c deno task servers 3 & sleep 1", "sshd: me"), [1]);
  assertEquals(watched("bash ./start.sh", "npm run start"), []);
  assertEquals(watched("node server.js", "npm start"), []);
  assertEquals(watched("sh -c deno run main_servers.ts 3", "systemd"), []);
  assertEquals(watched(), []);
});

Deno.test("parseProc() reads a process whose name holds brackets and blanks", () => {
  const text = "42 (a) R (b c) S 7 40 40 0 -1\nnpm exec deno@2.9.6 task servers 3\0\0\0";
  assertEquals(parseProc(42, text), { pid: 42, parent: 7, command: "npm exec deno@2.9.6 task servers 3" });
  assertEquals(parseProc(42, "42 (sh) S 7 40 40 0 -1\nsh\0-c\0'deno' task\0")?.command, "sh -c 'deno' task");
  assertEquals(parseProc(42, ""), undefined);
  assertEquals(parseProc(42, "cat: no such file\n"), undefined);
});

Deno.test("parsePs() reads the parent and the command line", () => {
  assertEquals(parsePs(42, "  7 deno task servers 3\n"), { pid: 42, parent: 7, command: "deno task servers 3" });
  assertEquals(parsePs(42, ""), undefined);
});
