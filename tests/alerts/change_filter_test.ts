import { assertEquals, assertRejects } from "@std/assert";
import { changeFilter } from "../../src/alerts/change_filter.ts";
import { ValueError } from "../../src/database/values.ts";

Deno.test("changeFilter() is none where nothing is asked, and each part leaves sites out", async () => {
  assertEquals(await changeFilter({}), undefined);
  assertEquals(await changeFilter({ available: false }), undefined);
  const arrivals = (await changeFilter({ available: true }))!;
  assertEquals([arrivals.onlyArrivals, arrivals.needsDocument, arrivals.wantsSite({ zip: "9" })], [true, false, true]);
  const both = (await changeFilter({ zip: "02", near: "02138", within: 3 }))!;
  assertEquals(["02215", "02138", "02139", "01970", "10001"].map((zip) => both.wantsSite({ zip })), [
    true,
    true,
    true,
    false,
    false,
  ]);
  assertEquals([both.onlyArrivals, both.needsDocument], [false, true]);
});

Deno.test("changeFilter() refuses what makes no sense", async () => {
  for (const wishes of [{ zip: "MA" }, { near: "00001" }, { within: 5 }, { near: "x" }]) {
    await assertRejects(() => changeFilter(wishes), ValueError);
  }
});
