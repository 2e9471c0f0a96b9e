import { assertEquals, assertThrows } from "@std/assert";
import { readEngine } from "../../src/cluster/engine/engine_url.ts";
import { UsageError } from "../../src/front/usage_error.ts";

const read = (typed: string) => readEngine(typed, 0, "--engine");

Deno.test("readEngine() reads members and a prefix, with the usual ones for those that are left out", () => {
  assertEquals(read("etcd"), "local");
  const [isTls, prefix] = [false, "/vaxlog"];
  assertEquals(read("etcd://h1:2379,h2:1,h3:65535/a/b-c_d.e"), {
    endpoints: ["http://h1:2379", "http://h2:1", "http://h3:65535"],
    prefix: "/a/b-c_d.e",
    isTls,
  });
  assertEquals(read("etcd://10.0.0.1"), { endpoints: ["http://10.0.0.1:2379"], prefix, isTls });
  assertEquals(read("etcd://[::1]:7,[::2]/"), { endpoints: ["http://[::1]:7", "http://[::2]:2379"], prefix, isTls });
  assertEquals(read("etcds://Etcd.Example/x"), {
    endpoints: ["https://etcd.example:2379"],
    prefix: "/x",
    isTls: true,
  });
});

Deno.test("readEngine() refuses everything else in one sentence that quotes it", () => {
  const wrong: readonly [typed: string, message: string][] = [
    ["", '--engine is "": it must be etcd, which starts one on this machine, or the URL of one that runs'],
    ["ETCD", '--engine is "ETCD": it must be etcd'],
    ["http://h1:2379", '--engine is "http://h1:2379": it must be etcd'],
    ["etcd:/h1", "such as etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/vaxlog"],
    ["h1:2379", "it must be etcd"],
    ["etcd://", "it names no member of etcd: give host and port of each"],
    ["etcd:///vaxlog", "it names no member of etcd"],
    ["etcd://h1,,h2", "it has a comma with no member of etcd before or after it"],
    ["etcd://h1,", "it has a comma with no member"],
    ["etcd://h1:", '"h1:" is not a host with a port'],
    ["etcd://h1:0", '"h1:0" is not a host with a port'],
    ["etcd://h1:65536", '"h1:65536" is not a host with a port'],
    ["etcd://h1:1e3", '"h1:1e3" is not a host with a port'],
    ["etcd://h 1", '"h 1" is not a host with a port'],
    ["etcd://-h", '"-h" is not a host'],
    ["etcd://::1", '"::1" is not a host with a port'],
    ["etcd://[::1", '"[::1" is not a host'],
    ["etcd://[:::::1]", '"[:::::1]" is not a host'],
    ["etcd://999.1.1.1", '"999.1.1.1" is not a host'],
    ["etcd://h1,h2,H1:2379", "it names h1:2379 twice: name each member once"],
    [`etcd://${Array.from({ length: 10 }, (_, at) => `h${at}`)}`, "it names more than 9 members"],
    ["etcd://h1/a//b", "the prefix of its keys must be letters, digits"],
    ["etcd://h1/a/", "the prefix of its keys must be"],
    ["etcd://h1/a b", "the prefix of its keys must be"],
    ["etcd://h1/a?b=c", "the prefix of its keys must be"],
    ["etcd://h1/a#b", "the prefix of its keys must be"],
    [`etcd://h1/${"a".repeat(200)}`, "and have 200 characters at most"],
    ["etcd://h1?b", '"h1?b" is not a host'],
    ["etcd://h1\u001b[2J", '--engine is "etcd://h1\\u001b[2J"'],
    ["etcd://h1\n", '--engine is "etcd://h1\\u000a"'],
  ];
  for (const [typed, message] of wrong) {
    const error = assertThrows(() => read(typed), UsageError, message);
    assertEquals(error.message.split("\n").length, 1, error.message);
  }
});

Deno.test("readEngine() does not repeat a password that somebody types into a URL", () => {
  const message =
    '--engine is "etcds://...@h1": a user is named with --engine-user NAME and --engine-password-file FILE';
  for (const typed of ["etcds://ann:secret@h1", "etcds://ann:se/cr@et@h1"]) {
    assertEquals(assertThrows(() => read(typed), UsageError).message, message);
  }
  const message2 = assertThrows(() => read("http://ann:secret@h1"), UsageError).message;
  assertEquals(message2.includes("secret"), false);
});
