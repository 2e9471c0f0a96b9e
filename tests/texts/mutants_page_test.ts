/** docs/design/log.md names mutants that there are. */

import { assert } from "@std/assert";
import page from "../../docs/design/log.md" with { type: "text" };
import history from "../mutations/history_mutants_test.ts" with { type: "text" };
import sealer from "../mutations/sealer_mutants_test.ts" with { type: "text" };
import sealing from "../mutations/sealing_mutants_test.ts" with { type: "text" };
import segment from "../mutations/segment_mutants_test.ts" with { type: "text" };

const files: Readonly<Record<string, string>> = { history, sealer, sealing, segment };

Deno.test("docs/design/log.md names mutants that there are", () => {
  const rows = [...page.matchAll(/^\| [^|]+\| ([^|]+?) +\| `(\w+)_mutants_test\.ts` *\|$/gm)];
  assert(rows.length > 10, `${rows.length} rows`);
  for (const [, mutant, file] of rows) {
    assert(files[file]?.includes(`name: "${mutant}",`), `there is no mutant "${mutant}" in ${file}_mutants_test.ts`);
  }
});
