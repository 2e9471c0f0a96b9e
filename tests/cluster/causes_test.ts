import { assertEquals } from "@std/assert";
import { causeOfExit, causeOfKill, isGroupSignal } from "../../src/cluster/causes.ts";

Deno.test("causeOfKill() says how long a replica was silent, and whose link broke", () => {
  assertEquals(causeOfKill(undefined, 5000), "gave no answer for 5 s and was killed");
  assertEquals(
    causeOfKill(64, 5000),
    "was killed, since its link to replica 0 broke while both lived",
  );
});

Deno.test("causeOfExit() tells a signal from an exit code", () => {
  assertEquals(causeOfExit({ code: 137, signal: "SIGKILL" }), "was killed from outside by SIGKILL");
  assertEquals(causeOfExit({ code: 0, signal: null }), "ended by itself, with exit code 0");
});

Deno.test("isGroupSignal() is true of what a terminal or timeout sends to all", () => {
  assertEquals(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", null].map(isGroupSignal), [true, true, true, false, false]);
});
