import { lastOldEntry } from "../../../src/database/store/tail.ts";
import { Sites } from "./machine.ts";
import { checkChanges, checkMarks, checkTail } from "./tail_checks.ts";

Deno.test("the last two segments are the tail, however full the last one is", () => checkTail(lastOldEntry));

Deno.test("a page of changes is of the tail, and says where older entries end", () => checkChanges(Sites));

for (const kind of ["retract", "redact"] as const) {
  Deno.test(`${kind} finds an old entry by its site alone, and one of the tail also without it`, () => {
    checkMarks(Sites, kind);
  });
}
