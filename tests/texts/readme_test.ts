/** The first session of the README, and that of the guide's chapter on the record, are true: they are typed here. */

import { assertEquals } from "@std/assert";
import { testNeeding } from "../net/needing.ts";
import { comparable, shownIn, typeAsShown } from "./shown_session.ts";

const root = new URL("../../", import.meta.url);

testNeeding(["run", "net", "read", "write"], "the first session of the README goes as it says", async () => {
  await typeAsShown(shownIn(await Deno.readTextFile(new URL("README.md", root)), "A first session"));
});

testNeeding(["run", "net", "read", "write"], "the guide's chapter on the record goes as it says", async () => {
  await typeAsShown(shownIn(await Deno.readTextFile(new URL("docs/guide/record.md", root))));
});

Deno.test("shownIn() takes a session apart, and comparable() leaves only what must be the same", () => {
  const page =
    "# P\n\n## S\n\n```\n$ a b\nc\n$ d\n```\n\n```sh\n$ no\n```\n\n```\n> e\nf\ng\n```\n\n## T\n\n```\n$ h\n```\n";
  const first = [
    { prompt: "$", typed: "a b", printed: "c\n" },
    { prompt: "$", typed: "d", printed: "" },
    { prompt: ">", typed: "e", printed: "f\ng\n" },
  ] as const;
  assertEquals(shownIn(page, "S"), [...first]);
  assertEquals(shownIn(page), [...first, { prompt: "$", typed: "h", printed: "" }]);
  assertEquals(
    comparable("at 127.0.0.1:4000, process 12, 2026-11-24T15:48:16Z, 40001, retract 1-2@3", ["4001", "4000"]),
    "at 127.0.0.1:8893, process PID, TIME, 40001, retract ID",
  );
});
