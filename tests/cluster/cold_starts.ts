/**
 * Data directories as `planColdStart()` sees them, for its tests.
 *
 * @module
 */

import { assert, assertStringIncludes } from "@std/assert";
import {
  type ColdStart,
  type ColdStartPlan,
  planColdStart,
  type SlotFile,
  type SlotPlan,
} from "../../src/cluster/cold_start.ts";
import type { Found } from "../../src/protocol/replica/recovery.ts";
import { slotOf } from "../../src/uid.ts";

export const cluster = "c1".repeat(16);
export const directory = "some/d";

export const empty: SlotFile = { kind: "empty" };
export const damaged: SlotFile = { kind: "damaged", reason: 'The file "some/d/x" is damaged' };

/** What the file of replica `id` says: it has installed view `v`; `members` are those of its highest view. */
export function file(
  id: number,
  v: number,
  members: readonly number[],
  more: Partial<Found> & { accepted?: number } = {},
) {
  const { accepted, ...rest } = more;
  const highest = {
    v: accepted ?? v,
    members: members.map((id) => ({ id, address: `127.0.0.1:${9000 + slotOf(id)}` })),
  };
  const found: Found = {
    cluster,
    id,
    v,
    executed: 100,
    requests: 50,
    pending: 0,
    digest: "00".repeat(8),
    highest,
    stray: null,
    ...rest,
  };
  return { kind: "found", found } as const;
}

export function start(files: readonly SlotFile[], more: Partial<ColdStart> = {}): ColdStart {
  return {
    directory,
    cluster,
    nextIncarnation: 1,
    files,
    givenUp: undefined,
    restoring: undefined,
    cleanStop: undefined,
    viewFloor: 0,
    leftOut: [],
    forceFrom: undefined,
    ...more,
  };
}

export function plan(files: readonly SlotFile[], more: Partial<ColdStart> = {}): ColdStartPlan {
  const plan = planColdStart(start(files, more));
  assert(plan.kind === "start", plan.kind === "refused" ? plan.message : "");
  return plan;
}

/** The plan in short: "recover 0", "join", "set aside and join", "failed: …". */
export function roles(files: readonly SlotFile[], more: Partial<ColdStart> = {}): string[] {
  return plan(files, more).slots.map(inShort);
}

export function inShort(slot: SlotPlan): string {
  switch (slot.role) {
    case "new":
    case "join":
      return `${slot.isSetAside ? "set aside and " : ""}${slot.role}`;
    case "recover":
      return `recover ${slot.id}`;
    case "failed":
      return `failed: ${slot.reason}`;
  }
}

export function refusal(files: readonly SlotFile[], more: Partial<ColdStart> = {}): string {
  const plan = planColdStart(start(files, more));
  assert(plan.kind === "refused", `it is ${JSON.stringify(plan)}`);
  assertStringIncludes(plan.message, "nothing was changed.");
  return plan.message;
}

export const all = [0, 1, 2];
