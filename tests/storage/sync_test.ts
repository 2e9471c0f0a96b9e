/**
 * A replica speaks of data only when it is on the disk: before a commit returns, it has asked the system to write. A
 * test cannot cut the power, and `kill -9` loses nothing that the kernel has, so only the system calls show this.
 */

import { assert, assertEquals } from "@std/assert";
import { inFolder } from "./folder.ts";
import { between, eventsOf, type TraceEvent, traceOf, whyNoTrace } from "./tracing.ts";

const hindrance = whyNoTrace();

Deno.test({
  name: `Commits, new files and their names are on the disk before anything is said of them (${
    hindrance ?? "traced with strace"
  })`,
  ignore: hindrance !== undefined,
  fn: () =>
    inFolder(async (folder) => {
      const events = await traceOf("steps.ts", folder);
      for (let commit = 1; commit < 5; commit++) {
        const synced = between(events, `step commit ${commit}`, `step commit ${commit + 1}`);
        assertEquals(synced, ["replica-0.db-wal"], `commit ${commit}`);
      }
      assertEquals(between(events, "step seal", "step move the log"), ["replica-0.db-wal"]);
      // The rows to move are on the disk in the log first, and in the file before the log begins again.
      const moved = between(events, "step move the log", "step close");
      const at = moved.indexOf("replica-0.db");
      assertEquals([moved[at - 1], moved[at + 1]], ["replica-0.db-wal", "replica-0.db-wal"]);
      // The change, and the seal behind it.
      const changed = between(events, "step change it", "step close it");
      assertEquals(changed, ["cluster.db-wal", "cluster.db-wal"]);
      assertNamed(folder, events, "replica-0.db", /^replica-0\.db-new$/);
      assertNamed(folder, events, "cluster.db", /^cluster\.db-new$/);
      assertNamed(folder, events, "made", /^made\.partial-\w+$/);
    }),
});

/** Just before the file gets its name it is synced under the one that it had, and just after that its folder is. */
function assertNamed(folder: string, events: readonly TraceEvent[], name: string, partial: RegExp): void {
  const at = events.findIndex(({ kind, what }) => kind === "name" && what === `${folder}/${name}`);
  assert(at > 0, `"${name}" was given its name`);
  const [before, , after] = events.slice(at - 1);
  assert(before.kind === "sync" && partial.test(before.what.slice(folder.length + 1)), `${name}: ${before.what}`);
  assertEquals([name, after], [name, { kind: "sync", what: folder }]);
}

Deno.test("eventsOf() reads the calls of several threads in the order in which they returned", () => {
  const trace = [
    '7  write(1</dev/null>, "step one\\n", 9) = 9',
    "7  fdatasync(3</a/x-wal> <unfinished ...>",
    '8  rename("/a/y-new", "/a/y") = 0',
    "8  fsync(4</a>)          = -1 EIO (Input/output error)",
    "7  <... fdatasync resumed>)          = 0",
    '8  linkat(AT_FDCWD</a>, "/a/z-new", AT_FDCWD</a>, "/a/z", 0) = 0',
    '8  rename("/a/y-new", "/a/q") = -1 ENOENT (No such file or directory)',
    '9  write(5<anon_inode:[eventfd]>, "\\1\\0\\0\\0\\0\\0\\0\\0", 8) = 8',
    '7  write(1</dev/null>, "step two\\n", 9) = 9',
    "7  +++ exited with 0 +++",
  ].join("\n");
  assertEquals(eventsOf(trace), [
    { kind: "printed", what: "step one" },
    { kind: "name", what: "/a/y" },
    { kind: "sync", what: "/a/x-wal" },
    { kind: "name", what: "/a/z" },
    { kind: "printed", what: "step two" },
  ]);
  assertEquals(between(eventsOf(trace), "step one", "step two"), ["name y", "x-wal", "name z"]);
});
