/** The rules of the page for what is typed and shown are those of the program. */

import { assertEquals, assertThrows } from "@std/assert";
import { formatAvailability, isAvailable, parseAvailability, ValueError } from "../../src/database/values.ts";
import * as page from "../../src/http/page/values.js";

const typed = ["0", " 40 ", "True", "false", "UNKNOWN", "9007199254740991"];
const refused = ["", "-1", "1e3", "1,000", "02138", "4.5", "yes", "9007199254740992", "٣"];

Deno.test("parseAvailability() of the page takes what the program takes, and as the same", () => {
  for (const text of typed) assertEquals(page.parseAvailability(text), parseAvailability(text), text);
});

Deno.test("parseAvailability() of the page refuses what the program refuses", () => {
  for (const text of refused) {
    assertEquals(page.parseAvailability(text), undefined, text);
    assertThrows(() => parseAvailability(text), ValueError);
  }
});

Deno.test("formatAvailability() and findsOf() of the page say what the program says", () => {
  for (const text of typed) {
    const value = parseAvailability(text);
    assertEquals(page.formatAvailability(value), formatAvailability(value));
    assertEquals(page.findsOf(value) === "some", isAvailable(value), text);
  }
  assertEquals([page.findsOf("unknown"), page.findsOf(0), page.findsOf(false)], ["unknown", "none", "none"]);
});

Deno.test("isSameReport() holds where a person sees no difference", () => {
  const seen = { availability: 12, observedAt: 5 };
  assertEquals(page.isSameReport(seen, { ...seen }), true);
  const others = [{ availability: 13 }, { availability: true }, { unit: "doses" }, { observedAt: 6 }];
  assertEquals(others.map((other) => page.isSameReport(seen, { ...seen, ...other })), [false, false, false, false]);
});
