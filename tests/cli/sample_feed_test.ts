import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Program } from "../cluster/program.ts";
import { testNeeding } from "../net/needing.ts";
import { LoneReplica } from "./lone_replica.ts";

const needs = ["run", "net", "read", "write"] as const;
const page = new URL("../../docs/reference/cli.md", import.meta.url);

/** What an import prints, without how to take it back: the id differs each time. */
function withoutId(text: string): string {
  const told = text.replace(/To take these reports back: retract \d+-\d+@\d+\n$/, "");
  assert(told !== text, text);
  return told;
}

testNeeding(
  needs,
  "the sample feed is imported as the documentation shows it, and again without a change",
  async () => {
    using replica = new LoneReplica();
    const place = "examples/feed/bulk-publish.json";
    const shown = /8894 import (\S+)\n([^`]*)```/.exec(await Deno.readTextFile(page));
    assertEquals(shown?.[1], place);
    const first = await Program.run("client", [replica.port, "import", place]);
    assertEquals([first.code, withoutId(first.stdout)], [0, withoutId(shown?.[2] ?? "")]);
    const list = await Program.run("client", [replica.port, "list"]);
    assertEquals(
      list.stdout,
      `Availability,ZIP Code,Site Name
Unknown,19107,City Hall Walk-in
8,08332,Harbor Pharmacy
0,02138,Harvard University
0,08540,Maple Street Clinic
1,02139,Old Mill Pharmacy
65,07030,Riverside School Gym
`,
    );
    const again = await Program.run("client", [replica.port, "import", place]);
    assertEquals(again.code, 0);
    assertStringIncludes(again.stdout, "0 sites added, 0 changed, 5 the same as before, 0 out of date\n");
  },
);

testNeeding(needs, "the sample CSV is imported whole", async () => {
  using replica = new LoneReplica();
  const { code, stdout } = await Program.run("client", [replica.port, "import", "examples/sites.csv"]);
  assertEquals([code, withoutId(stdout)], [
    0,
    `4 sites added, 0 changed, 0 the same as before, 0 out of date
4 records read, 0 repairs made, 0 refused
`,
  ]);
});
