/**
 * How a cluster starts: in memory, or from what is in its data directory.
 *
 * In memory all replicas are members of view 1. With a data directory, each slot that was ever used gets a replica,
 * which reads its file and says what it has found; then it is decided what each is to be, see `cold_start.ts`.
 *
 * @module
 */

import { replicaId } from "../uid.ts";
import { type ColdStartPlan, planColdStart, type SlotFile, type SlotPlan } from "./cold_start.ts";
import { adviceToMove } from "./cold_start_refusals.ts";
import type { DataDir } from "./data_dir.ts";
import { StartError } from "./launcher_events.ts";
import type { Replicas } from "./replicas.ts";
import type { Seat } from "./seat.ts";

/**
 * Starts a cluster in memory; resolves when all replicas accept clients.
 *
 * @param limit bounds the time for the rest of the start, which does not depend on how large a backup is.
 */
export async function startInMemory(replicas: Replicas, count: number, limit: () => void): Promise<void> {
  const seats = Array.from({ length: count }, (_, slot) => replicas.spawn(replicaId(slot, 0), "new"));
  await haveLooked(seats);
  limit();
  await formView(replicas, seats);
}

/**
 * Starts a cluster from its data; resolves when all that it can start with accept clients.
 *
 * @param limit bounds the time for the rest of the start, which does not depend on how much data there are.
 * @returns what becomes of each slot: those that are to join are not let in yet.
 * @throws {StartError} if something is missing, and if no replica gets through its recovery.
 */
export async function startFromData(
  replicas: Replicas,
  data: DataDir,
  { replicas: count, forceFrom }: { readonly replicas: number; readonly forceFrom?: number },
  limit: () => void,
): Promise<readonly SlotPlan[]> {
  // Its id is known once its file is read.
  const seats = Array.from({ length: Math.max(count, data.slots) }, (_, slot) => {
    const seat = replicas.spawn(replicaId(slot, 0), "join");
    seat.mayFail = true;
    return seat;
  });
  await haveLooked(seats);
  if (replicas.stopping.aborted) return [];

  const plan = planColdStart(data.coldStart(seats.map(fileOf), forceFrom));
  if (plan.kind === "refused") throw new StartError(plan.message);
  data.adopt(plan);
  limit();
  await carryOut(replicas, data, plan, seats);
  return plan.slots;
}

/** Resolves when all have read what they begin with, or have ended. */
async function haveLooked(seats: readonly Seat[]): Promise<void> {
  await Promise.all(seats.map(({ hasLooked, reported }) => Promise.race([hasLooked.promise, reported.promise])));
}

/** The error for a start that takes more than `ms` milliseconds: it names the replicas that say nothing. */
export function lateness(seats: readonly Seat[], ms: number): StartError {
  const silent = seats.filter((seat) => !seat.isListening && !seat.mayFail).map(({ slot }) => slot);
  const who = silent.length > 0
    ? `replica ${silent.join(", ")} says nothing`
    : "the links between the replicas do not stand";
  return new StartError(`Cannot start the cluster: after ${ms / 1000} s ${who}`);
}

async function carryOut(
  replicas: Replicas,
  data: DataDir,
  plan: ColdStartPlan,
  seats: readonly Seat[],
): Promise<void> {
  const needed: Seat[] = [];
  const givenUp: Seat[] = [];
  for (const [slot, what] of plan.slots.entries()) {
    const seat = seats[slot];
    const id = what.role === "recover" ? what.id : replicaId(slot, 0);
    if ("isSetAside" in what && what.isSetAside) {
      seat.isWanted = true;
      replicas.kill(seat, "was given up");
      await seat.process.exited;
      if (replicas.stopping.aborted) return;
      if (what.role === "join") givenUp.push(seat);
      else {
        setAside(replicas, data, seat);
        needed.push(replicas.spawn(id, "new"));
      }
    } else if (what.role === "new" || what.role === "recover") {
      // It has read its data, and may have died since.
      if (seat.hasFailed) throw new StartError(`Cannot start replica ${slot}: it ${seat.cause ?? "has died"}`);
      seat.becomes(id, what.role);
      seat.mayFail = false;
      needed.push(seat);
    } else if (what.role === "failed") {
      replicas.kill(seat, `could not continue: ${what.reason}; ${adviceToMove(data.directory, slot)}`);
    }
  }
  const isBack = plan.slots.some(({ role }) => role === "recover");
  if (isBack) await recoverView(replicas, data.directory, needed);
  else await formView(replicas, needed);
  if (replicas.stopping.aborted) return;
  data.succeeded();
  for (const { process } of needed) process.tell({ tell: "open" });
  if (!isBack) data.completed();
  // If it is killed before that, the next start does it: their data count no more.
  for (const seat of givenUp) setAside(replicas, data, seat);
}

/** Makes these replicas the members of view 1; resolves when all accept clients. */
async function formView(replicas: Replicas, seats: readonly Seat[]): Promise<void> {
  await introduceAll(replicas, seats);
  await Promise.all(seats.map(({ ready }) => ready.promise));
}

/**
 * Has these replicas end the view in which their cluster died; resolves when those that can have begun the next one.
 */
async function recoverView(replicas: Replicas, directory: string, seats: readonly Seat[]): Promise<void> {
  await introduceAll(replicas, seats);
  // All that was ever answered is in each of them, and no other one can have more: from here on one is enough.
  for (const seat of seats) seat.mayFail = true;
  await Promise.all(seats.map(({ installed, reported }) => Promise.race([installed.promise, reported.promise])));
  if (replicas.stopping.aborted || seats.some(({ state }) => state === "up")) return;
  const causes = seats.map(({ slot, cause }) => `replica ${slot} ${cause ?? "has died"}`);
  throw new StartError(`Cannot start from "${directory}": ${causes.join("; ")}`);
}

async function introduceAll(replicas: Replicas, seats: readonly Seat[]): Promise<void> {
  await Promise.all(seats.map(({ listening }) => listening.promise));
  if (replicas.stopping.aborted) return;
  for (const { slot, port } of seats) replicas.registry.setPort(slot, port);
  replicas.data?.begin();
  const members = seats.map(({ member }) => member);
  for (const seat of seats) replicas.introduce(seat, members);
}

/** Gives the file of a replica that has ended another name. */
function setAside(replicas: Replicas, data: DataDir, { slot }: Seat): void {
  replicas.emit({ kind: "setAside", slot, name: data.setAside(slot) });
}

/** What a replica has found, or why it has not. */
function fileOf({ found, unreadable, cause }: Seat): SlotFile {
  if (unreadable !== undefined) return { kind: "damaged", reason: unreadable };
  if (found === undefined) return { kind: "unread", reason: `it ${cause ?? "has died"}` };
  return found === null ? { kind: "empty" } : { kind: "found", found };
}
