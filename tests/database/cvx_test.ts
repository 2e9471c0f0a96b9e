/** What people call products. */

import { assertEquals } from "@std/assert";
import { cvxCodes, isCvxCode, productName, productText } from "../../src/database/cvx.ts";

Deno.test("productText() names the codes that are known, one or several, and leaves all else as it is", () => {
  assertEquals(productText("208"), "208 (Pfizer COVID-19, 30 mcg)");
  assertEquals(productText("207,999"), "207,999 (Moderna COVID-19, 100 mcg; 999)");
  for (const other of ["999", "0208", "Moderna", "constructor", "toString,valueOf", ""]) {
    assertEquals(productText(other), other);
  }
  assertEquals(productName("Moderna"), undefined);
});

Deno.test("isCvxCode() takes one code, and every code that has a name is one", () => {
  assertEquals(cvxCodes.filter((code) => !isCvxCode(code)), []);
  for (const no of ["207,208", "", "1234", "20a", " 208"]) assertEquals(isCvxCode(no), false, no);
});
