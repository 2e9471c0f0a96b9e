/**
 * The claims do not hang on the size of a limit: with tiny ones, what is rare in a schedule happens all the time
 * (sessions expire, windows are full, views end to forget sessions), and all claims hold.
 */

import { assert } from "@std/assert";
import type { SimClient } from "../simulator/world.ts";
import type { World, WorldOptions } from "../simulator/world.ts";
import type { Mutant } from "./mutant.ts";
import { simulatorWith } from "./mutate.ts";

const schedules = 250;

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";
const needs = "(needs --allow-read)";

/** Each limit as it is and as it is tried, and whether clients may lose their sessions by it. */
const variants: readonly [name: string, from: string, to: string, losses: boolean, also?: Mutant["also"]][] = [
  ["sessions expire at once", "sessionTtlMs = 3_600_000;", "sessionTtlMs = 1;", true],
  ["one session that has ended ends the view", "endedSessionsMax = 10_000;", "endedSessionsMax = 1;", false],
  ["one request at a time", "windowRequests = 64;", "windowRequests = 1;", false],
  ["two requests wait", "outstandingRequestsMax = 256;", "outstandingRequestsMax = 2;", false],
  ["few commands a request", "commandsPerRequestMax = 4096;", "commandsPerRequestMax = 4;", false],
  ["short leases", "leaseMs = 2_000;", "leaseMs = 400;", false],
  ["a snapshot in many pieces", "snapshotPieceBytes = 64 * 1024;", "snapshotPieceBytes = 7;", false],
  ["a newcomer has to be close", "followLagMax = 64;", "followLagMax = 0;", false],
  ["a donor keeps hardly anything", "followedBytesMax = 64 * 1024 * 1024;", "followedBytesMax = 200;", false],
  [
    "a donor begins again while it sends many pieces",
    "snapshotPieceBytes = 64 * 1024;",
    "snapshotPieceBytes = 9;",
    false,
    [["followedBytesMax = 64 * 1024 * 1024;", "followedBytesMax = 200;"]],
  ],
  ["no flush waits long for a newcomer", "newcomerWaitMs = 200;", "newcomerWaitMs = 1;", false],
  ["a checkpoint every few requests", "checkpointAfterBytes = 6 * 1024 * 1024;", "checkpointAfterBytes = 100;", false],
  ["nothing is kept for a replica that comes back", "recentBytesMax = 16 * 1024 * 1024;", "recentBytesMax = 0;", false],
  ["hardly a promise", "promiseAhead = 16;", "promiseAhead = 1;", false],
  ["clocks that soon end", "clockMax = 2 ** 52;", "clockMax = 60;", false],
  ["each request is told at once", "executedTogetherMax = 64;", "executedTogetherMax = 1;", false],
  ["any output is much", "executedBytesTogetherMax = 4 * 1024;", "executedBytesTogetherMax = 1;", false],
  [
    "few outputs are retained in sum",
    "retainedInAllBytesMax = 128 * 1024 * 1024;",
    "retainedInAllBytesMax = 100;",
    true,
  ],
  ["no linger", "lingerMs = 5;", "lingerMs = 0;", false],
];

for (const [name, from, to, losses, also] of variants) {
  Deno.test({
    name: `the claims hold with other limits: ${name} ${needs}`,
    ignore,
    fn: () => {
      const { runSchedule, World } = simulatorWith({ name, file: "limits.ts", from, to, also });
      const lost: SimClient[] = [];
      for (let seed = 1; seed <= schedules; seed++) {
        let made: World | undefined;
        const world = (options: WorldOptions) => made = new World({ ...options, lossAllowed: losses });
        runSchedule(seed, { world });
        lost.push(...made!.clients.filter((client) => client.lost === "the session has expired"));
      }
      // Where none may be lost by the limit, the world has checked each that was.
      assert(lost.length > 0 || !losses, "no client has lost its session");
    },
  });
}
