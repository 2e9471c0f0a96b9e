/**
 * Each rule of old entries is needed: which entries are old, how commands find them, and how those who watch the sealed
 * history take turns. If one is broken, a check of the sound modules fails.
 */

import type { IndexOrders } from "../../src/database/segments/index_orders.ts";
import { orderChecks, type OrdersClass } from "../database/segments/index_orders_checks.ts";
import { checkRewritten } from "../database/store/reading_checks.ts";
import { checkChanges, checkMarks, checkTail, type MachineClass } from "../database/store/tail_checks.ts";
import { modulesWith, testEachIsNeeded } from "./each_is_needed.ts";
import type { Mutant } from "./mutant.ts";

const [changes, pages, tail] = ["changes", "pages", "tail"].map((name) => `database/store/${name}.ts`);
const orders = "database/segments/index_orders.ts";

const mutants: readonly Mutant[] = [
  {
    name: "the last segment alone is the tail",
    file: tail,
    from: "Math.ceil(last / segmentEntries) - 2)",
    to: "Math.ceil(last / segmentEntries) - 1)",
  },
  {
    name: "a segment that is full is followed by one that nothing is in",
    file: tail,
    from: "Math.ceil(last / segmentEntries) - 2)",
    to: "Math.floor(last / segmentEntries) - 1)",
  },
  {
    name: "an old entry is found without its site",
    file: changes,
    from: "if (entrySite === 0 && of >= 1 && of <= upTo) {",
    to: "if (false) {",
    also: [["if (of > upTo && of <= log.last)", "if (of >= 1 && of <= log.last)"]],
  },
  {
    name: "an entry of the tail needs its site",
    file: changes,
    from: "if (entrySite === 0 && of >= 1 && of <= upTo) {",
    to: "if (entrySite === 0 && of >= 1) {",
  },
  {
    name: "an old entry is found under any site",
    file: changes,
    from: "const named = table.withId(entrySite);",
    to: "const named = table.withId(1);",
    also: [["(entrySite !== 0 && table.id(site) !== entrySite)", "false"]],
  },
  {
    name: "an entry of the tail is found under any site",
    file: changes,
    from: "(entrySite !== 0 && table.id(site) !== entrySite)",
    to: "false",
  },
  {
    name: "a page of changes begins in the old history",
    file: pages,
    from: "if (bound < upTo) return this.#older(upTo);",
    to: "",
  },
  {
    name: "a page of changes after the last old entry is older",
    file: pages,
    from: "if (bound < upTo) return this.#older(upTo);",
    to: "if (bound <= upTo) return this.#older(upTo);",
  },
  {
    name: "one who reads fast keeps others out",
    file: orders,
    from: " || (isWaitedFor && nowMs - readAt >= heldMs)",
    to: "",
  },
  {
    name: "a segment gives way as soon as another one is wanted",
    file: orders,
    from: "nowMs - readAt >= heldMs",
    to: "true",
  },
  {
    name: "a segment gives way to one that nobody waits for",
    file: orders,
    from: "(isWaitedFor && nowMs",
    to: "(nowMs",
  },
  {
    name: "a segment that nobody asks for stays",
    file: orders,
    from: "nowMs - askedAt >= idleMs || ",
    to: "",
  },
  {
    name: "what was begun for somebody who has gone comes first",
    file: orders,
    from: "each.readAt !== undefined || each.isAsked",
    to: "true",
  },
  {
    name: "one who has gone still waits",
    file: orders,
    from: "for (const number of waiting.keys()) if (!asked.has(number)) waiting.delete(number);",
    to: "",
  },
  {
    name: "nothing is read ahead",
    file: orders,
    from: "const number = waited?.[0] ?? this.#next;",
    to: "const number = waited?.[0];",
  },
  {
    name: "any number of segments is held",
    file: orders,
    from: "this.#held.length < heldMax ? undefined :",
    to: "true ? undefined :",
    also: [["if (given === undefined && this.#held.length === heldMax) return undefined;", ""]],
  },
  {
    name: "a segment is held as a whole, however large it is",
    file: orders,
    from: "if (bytes <= this.#wholeBytesMax)",
    to: "if (true)",
  },
  {
    name: "a part of a segment has all of it",
    file: "database/segments/index_window.ts",
    from: "new Array(Math.min(count, segment.first + segment.count - first))",
    to: "new Array(segment.first + segment.count - first)",
  },
  {
    name: "a part of a segment begins with the segment",
    file: orders,
    from: "const index = waited?.[1] ?? segment.first;",
    to: "const index = segment.first;",
  },
  {
    name: "a segment that could not be read is never tried again",
    file: orders,
    from: "this.#failed.delete(number);\n      throw failure;",
    to: "throw failure;",
  },
  {
    name: "nobody hears that a segment was written again",
    file: "database/store/sites.ts",
    from: "history.forget(ref.number);",
    to: "",
  },
  {
    name: "a segment that has changed is kept",
    file: orders,
    from: "this.#held = this.#held.filter((each) => each.number !== number);",
    to: "",
  },
];

testEachIsNeeded("each rule of old entries is needed", mutants, (mutant) => {
  const modules = modulesWith(mutant);
  const { lastOldEntry } = modules("src/database/store/tail.ts") as { lastOldEntry: Parameters<typeof checkTail>[0] };
  const Machine = modules("src/database/store/sites.ts").Sites as MachineClass;
  const Orders = modules("src/database/segments/index_orders.ts").IndexOrders as OrdersClass & typeof IndexOrders;
  try {
    checkTail(lastOldEntry);
    checkChanges(Machine);
    for (const kind of ["retract", "redact"] as const) checkMarks(Machine, kind);
    checkRewritten(Machine);
    for (const check of Object.values(orderChecks)) check(Orders);
    return false;
  } catch (error) {
    return String(error);
  }
});
