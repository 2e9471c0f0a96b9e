import { assert, assertEquals } from "@std/assert";
import {
  AcceptPace,
  crowdLinks,
  linksPerSecond,
  wastedLinkBytes,
  wastedWaitMs,
} from "../../../src/net/server/accept_pace.ts";

/** The moments at which links are accepted that all wait from the beginning on. */
function accepted(links: number, startMs: number, pace = new AcceptPace()): number[] {
  const moments: number[] = [];
  for (let now = startMs; moments.length < links; moments.push(now)) now += pace.next(now);
  return moments;
}

Deno.test("a crowd is accepted at once, and then some links in each second", () => {
  const moments = accepted(crowdLinks + 3 * linksPerSecond, 5000);
  assertEquals(moments[crowdLinks - 1], 5000);
  assert(moments[crowdLinks] > 5000);
  assertEquals(Math.round(moments.at(-1)!), 8000);
});

Deno.test("a quiet time gives room for another crowd, and not for two", () => {
  const pace = new AcceptPace();
  const last = accepted(2 * crowdLinks, 0, pace).at(-1)!;
  const [start, again] = [last + 3_600_000, accepted(crowdLinks + 1, last + 3_600_000, pace)];
  assertEquals(again[crowdLinks - 1], start);
  assert(again[crowdLinks] > start);
});

Deno.test("links that come slower than the pace never wait", () => {
  const pace = new AcceptPace();
  const eachMs = 1 + 1000 / linksPerSecond;
  for (let count = 0; count < 4 * crowdLinks; count++) assertEquals(pace.next(count * eachMs), 0);
});

Deno.test("links wait for what others have sent for nothing, but not for long", () => {
  const pace = new AcceptPace();
  pace.wasted(0, 0);
  pace.wasted((crowdLinks - 1) * wastedLinkBytes, 0);
  assertEquals([pace.next(0), pace.next(0) > 0], [0, true]);
  pace.wasted(1e12, 10);
  assertEquals(Math.round(pace.next(10)), Math.round(wastedWaitMs + 1000 / linksPerSecond));
  // Time pays for it.
  assertEquals(pace.next(3_600_000), 0);
});
