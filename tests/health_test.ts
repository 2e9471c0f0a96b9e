import { assertEquals } from "@std/assert";
import { healthOf, isSilent, mayFail, mayFailText, type SeenReplica, stateOf, stateText } from "../src/health.ts";

const up: SeenReplica = { state: "up" };
const frozen: SeenReplica = { state: "frozen" };
const joining: SeenReplica = { state: "joining", reason: "is not a member yet" };
const failed: SeenReplica = { state: "failed", reason: "has failed" };
const hung: SeenReplica = { state: "up", reason: "gave no answer within 900 ms" };
const unknown: SeenReplica = { reason: "refused the connection" };

Deno.test("mayFail() counts all but one of the members that answer, whether their view ends or not", () => {
  assertEquals(mayFail([]), 0);
  assertEquals(mayFail([up]), 0);
  assertEquals(mayFail([up, up, up]), 2);
  assertEquals(mayFail([up, frozen, frozen]), 2);
  assertEquals(mayFail([up, up, joining, failed, hung, unknown, {}]), 1);
  assertEquals(mayFail([hung, failed]), 0);
});

Deno.test("mayFailText() says none as a word", () => {
  assertEquals([0, 1, 2].map(mayFailText), ["no more may fail", "1 more may fail", "2 more may fail"]);
});

Deno.test("isSilent() is so of a member that should answer, and not of a replica that cannot", () => {
  assertEquals([up, frozen, joining, failed, hung, unknown].map(isSilent), [false, false, false, false, true, true]);
});

Deno.test("stateOf() and stateText() say how a replica is, and how far a newcomer is", () => {
  const flags = [[false, false], [false, true], [true, false], [true, true]];
  assertEquals(flags.map(([joining, frozen]) => stateOf({ joining, frozen })), ["up", "frozen", "joining", "joining"]);
  assertEquals(
    [up, frozen, joining, failed, hung, unknown, { ...joining, restored: 37 }, { ...joining, restored: 100 }]
      .map(stateText),
    ["up", "frozen", "joining", "failed", "no answer", "no answer", "restoring, 37 %", "catching up"],
  );
  assertEquals(stateText({ state: "failed", restored: 37 }), "failed");
});

Deno.test("healthOf() wants a probe that became stable, and room in the log", () => {
  const room = { isFull: false, text: "The log is 12 % full" };
  const well = { isHealthy: true, text: "Healthy: a probe became stable in 1.2 ms" };
  assertEquals(healthOf({ ms: 1.24 }, undefined), well);
  assertEquals(healthOf({ ms: 1.24 }, room), well);
  const full = { isFull: true, text: "The log is full" };
  assertEquals(healthOf({ ms: 1 }, full), {
    isHealthy: false,
    reason: "The log is full",
    text: "Not healthy: every change is refused, since the log is full",
  });
  const lost = { isHealthy: false, reason: "No replica gives a view", text: "Not healthy: the probe failed" };
  assertEquals([room, full].map((log) => healthOf({ reason: lost.reason }, log)), [lost, lost]);
});
