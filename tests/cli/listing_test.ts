import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Stage } from "./stage.ts";

/** Lists two sites. */
async function list(columns: number | undefined, ...args: string[]): Promise<string> {
  const stage = new Stage();
  stage.columns = columns;
  await new VaxlogClient(stage.cluster).add("Rite Aid, Millville", "08332");
  assertEquals(await stage.run("8892", "list", ...args), 0);
  return stage.stdout;
}

const csv = 'Availability,ZIP Code,Site Name\n0,02138,Harvard University\n0,08332,"Rite Aid, Millville"\n';
const table = `Availability  ZIP Code  Site Name            Age
           0  02138     Harvard University   never reported
           0  08332     Rite Aid, Millville  never reported
`;

Deno.test("list is CSV unless another form is asked for, on a terminal too", async () => {
  for (const columns of [undefined, 30, 100]) {
    assertEquals(await list(columns), csv);
    assertEquals(await list(columns, "--csv"), csv);
  }
});

Deno.test("list --table fits the window, and is complete in a pipe", async () => {
  assertEquals(
    await list(undefined, "--table"),
    `Availability  Unit  ZIP Code  Site Name            Age             Observed  Retired
           0        02138     Harvard University   never reported
           0        08332     Rite Aid, Millville  never reported
`,
  );
  assertEquals(await list(100, "--table"), table);
  assertEquals(
    await list(34, "--table"),
    `Avail.  ZIP    Site Name
     0  02138  Harvard University
     0  08332  Rite Aid, Millville
(no room for: Age; --json and a
wider window show all)
`,
  );
});
