import { assertEquals } from "@std/assert";
import {
  aboutText,
  canGoOnAlone,
  healthOf,
  isIrreplaceable,
  isSilent,
  lackingText,
  mayFail,
  mayFailText,
  seenAs,
  type SeenReplica,
  stateOf,
  stateText,
  stateWords,
} from "../src/health.ts";

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

const lacking: SeenReplica = { state: "up", lacksHistory: true };

Deno.test("mayFail() does not count a member that lacks history: when it is the last one, that history is gone", () => {
  assertEquals(mayFail([up, up, lacking]), 1);
  assertEquals(mayFail([up, lacking, { ...frozen, lacksHistory: true }]), 0);
  assertEquals(mayFail([lacking, lacking]), 0);
  assertEquals([up, frozen, lacking, joining, hung].map(canGoOnAlone), [true, true, false, false, false]);
});

Deno.test("seenAs() takes a member to lack history as long as a part of it is damaged", () => {
  const flags = { joining: false, frozen: false };
  assertEquals(seenAs(flags), { state: "up", lacksHistory: false });
  assertEquals(seenAs({ ...flags, history: { damaged: 0 } }), { state: "up", lacksHistory: false });
  assertEquals(seenAs({ ...flags, frozen: true, history: { damaged: 2 } }), { state: "frozen", lacksHistory: true });
});

Deno.test("isIrreplaceable() is so of the last member, and of the last one that lacks no history", () => {
  const all = (...replicas: SeenReplica[]) => replicas.map((it) => isIrreplaceable(it, replicas));
  assertEquals(all({ ...up }, { ...up }), [false, false]);
  assertEquals(all({ ...up }, joining, failed, hung), [true, false, false, false]);
  assertEquals(all({ ...up }, { ...lacking }, { ...lacking }), [true, false, false]);
  assertEquals(all({ ...lacking }, { ...lacking }), [false, false]);
  assertEquals(all({ ...lacking }, failed), [true, false]);
});

Deno.test("lackingText() names those that lack history", () => {
  assertEquals([[], [1], [0, 1, 2]].map(lackingText), [
    undefined,
    "replica 1 lacks history until it is healed",
    "replicas 0, 1 and 2 lack history until it is healed",
  ]);
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

Deno.test("stateText() says that a newcomer fetches history, and stateWords() says it without figures", () => {
  const fetching = { ...joining, fetched: 37, restored: 100 };
  const all = [fetching, { ...fetching, fetchMs: 236_000 }, { ...joining, restored: 37 }, lacking];
  assertEquals(all.map(stateText), [
    "fetching history, 37 %",
    "fetching history, 37 %, about 4 min",
    "restoring, 37 %",
    "up, lacks history",
  ]);
  assertEquals(all.map(stateWords), ["fetching history", "fetching history", "restoring", "up, lacks history"]);
  assertEquals(stateText({ state: "failed", lacksHistory: true, fetched: 5 }), "failed");
  assertEquals(stateText({ state: "up", lacksHistory: true, reason: "gave no answer" }), "no answer");
});

Deno.test("aboutText() rounds more the longer it takes", () => {
  const spans = [0, 10_001, 59_000, 60_000, 89_000, 91_000, 119 * 60_000, 150 * 60_000].map(aboutText);
  assertEquals(spans, ["10 s", "20 s", "60 s", "1 min", "1 min", "2 min", "119 min", "3 h"]);
});

Deno.test("healthOf() wants a probe that became stable, and room in the log", () => {
  const room = { isFull: false, text: "The log is 12 % full" };
  const well = { isHealthy: true, text: "Healthy: a probe became stable in 1.2 ms" };
  assertEquals(healthOf({ ms: 1.24 }, undefined), well);
  assertEquals(healthOf({ ms: 1.24 }, room), well);
  assertEquals(healthOf({ ms: 1.24 }, room, []), well);
  assertEquals(healthOf({ ms: 1.24 }, room, [0, 2]), {
    isHealthy: true,
    text: "Healthy, but replicas 0 and 2 lack history until it is healed: a probe became stable in 1.2 ms",
  });
  const full = { isFull: true, text: "The log is full" };
  assertEquals(healthOf({ ms: 1 }, full), {
    isHealthy: false,
    reason: "The log is full",
    text: "Not healthy: every change is refused, since the log is full",
  });
  const lost = { isHealthy: false, reason: "No replica gives a view", text: "Not healthy: the probe failed" };
  assertEquals([room, full].map((log) => healthOf({ reason: lost.reason }, log)), [lost, lost]);
});
