/** How the page shows sites and availabilities. */

import { assertEquals } from "@std/assert";
import { staleAfterMs } from "../../src/limits.ts";
import { siteJson } from "../../src/http/site_json.ts";
import {
  findsAt,
  findsOf,
  formatWithUnit,
  isSameReport,
  shownText,
  siteOf,
} from "../../src/http/page/availabilities.ts";

const site = { id: 1, name: "a", zip: "1", availability: 12, observedAt: 5 };

Deno.test("siteOf() reads what siteJson() writes, with a report and without", () => {
  for (const observedAt of [0, 5]) assertEquals(siteOf(siteJson({ ...site, observedAt })), { ...site, observedAt });
});

Deno.test("findsOf() and formatWithUnit() say what visitors find, and of what", () => {
  assertEquals(([true, 1, 0, false, "unknown"] as const).map(findsOf), ["some", "some", "none", "none", "unknown"]);
  assertEquals([formatWithUnit(40, "doses"), formatWithUnit(true, undefined)], ["40 doses", "True"]);
});

Deno.test("shownText() and findsAt() take the 0 of a site that nobody has reported for no count", () => {
  const [never, none] = [{ ...site, availability: 0, observedAt: 0 }, { ...site, availability: 0 }];
  assertEquals([never, none, { ...site, unit: "doses" as const }].map(shownText), ["no report", "0", "12 doses"]);
  assertEquals([never, none, site].map((each) => findsAt(each, site.observedAt)), ["unknown", "none", "some"]);
});

Deno.test("findsAt() says of something that nobody has confirmed for a day that it is stale", () => {
  const later = site.observedAt + staleAfterMs + 1;
  const sites = [site, { ...site, checkedAt: later }, { ...site, availability: 0 }, { ...site, observedAt: 0 }];
  assertEquals(sites.map((each) => findsAt(each, later)), ["stale", "some", "none", "unknown"]);
});

Deno.test("isSameReport() holds where a person sees no difference", () => {
  assertEquals(isSameReport(site, { ...site }), true);
  const others = [{ availability: 13 }, { availability: true }, { unit: "doses" as const }, { observedAt: 6 }];
  assertEquals(others.map((other) => isSameReport(site, { ...site, ...other })), [false, false, false, false]);
});
