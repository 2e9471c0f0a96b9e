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
import { type LauncherEvent, StartError } from "./launcher_events.ts";
import type { Registry } from "./registry.ts";
import type { Replicas } from "./replicas.ts";
import type { Seat } from "./seat.ts";

/** What a start works with. */
export interface StartHost {
  readonly replicas: Replicas;
  /** Is aborted when the start is given up. */
  readonly stopping: AbortSignal;
  /** Bounds the time for the rest of the start, which does not depend on how much data there are. */
  limit(): void;
  /** Takes what happens. */
  onEvent(event: LauncherEvent): void;
}

/** The replicas to start once the cluster runs. */
export interface Newcomers {
  /** Replicas that are there and wait to be let in. */
  readonly waiting: readonly Seat[];
  /** Slots that need a new replica. */
  readonly slots: readonly number[];
}

/** Starts a cluster in memory; resolves when all replicas accept clients. */
export async function startInMemory(host: StartHost, registry: Registry, replicas: number): Promise<void> {
  host.limit();
  const seats = Array.from({ length: replicas }, (_, slot) => host.replicas.spawn(replicaId(slot, 0), "new"));
  await formView(host, registry, seats);
}

/**
 * Starts a cluster from its data; resolves when all that it can start with accept clients.
 *
 * @throws {StartError} if something is missing, and if no replica gets through its recovery.
 */
export async function startFromData(
  host: StartHost,
  data: DataDir,
  { replicas, forceFrom }: { readonly replicas: number; readonly forceFrom?: number },
): Promise<Newcomers> {
  // Its id is known once its file is read.
  const seats = Array.from({ length: Math.max(replicas, data.slots) }, (_, slot) => {
    const seat = host.replicas.spawn(replicaId(slot, 0), "join");
    seat.mayFail = true;
    return seat;
  });
  await Promise.all(seats.map(({ hasLooked, reported }) => Promise.race([hasLooked.promise, reported.promise])));
  if (host.stopping.aborted) return { waiting: [], slots: [] };

  const plan = planColdStart(data.coldStart(seats.map(fileOf), forceFrom));
  if (plan.kind === "refused") throw new StartError(plan.message);
  data.adopt(plan);
  host.limit();
  return await carryOut(host, data, plan, seats);
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
  host: StartHost,
  data: DataDir,
  plan: ColdStartPlan,
  seats: readonly Seat[],
): Promise<Newcomers> {
  const needed: Seat[] = [];
  const waiting: Seat[] = [];
  const slots: number[] = [];
  for (const [slot, what] of plan.slots.entries()) {
    const seat = seats[slot];
    const id = what.role === "recover" ? what.id : replicaId(slot, 0);
    if (isSetAside(what)) {
      await setAside(host, data, seat);
      if (host.stopping.aborted) return { waiting, slots };
      if (what.role === "new") needed.push(host.replicas.spawn(id, "new"));
      else slots.push(slot);
    } else if (what.role === "new" || what.role === "recover") {
      // It has read its data, and may have died since.
      if (seat.hasFailed) throw new StartError(`Cannot start replica ${slot}: it ${seat.cause ?? "has died"}`);
      seat.becomes(id, what.role);
      seat.mayFail = false;
      needed.push(seat);
    } else if (what.role === "failed") {
      host.replicas.kill(seat, `could not continue: ${what.reason}; ${adviceToMove(data.directory, slot)}`);
    } else {
      waiting.push(seat);
    }
  }
  if (plan.slots.some(({ role }) => role === "recover")) await recoverView(host, data, needed);
  else {
    await formView(host, data, needed);
    if (!host.stopping.aborted) data.completed();
  }
  return { waiting, slots };
}

/** Makes these replicas the members of view 1; resolves when all accept clients. */
async function formView(host: StartHost, registry: Registry, seats: readonly Seat[]): Promise<void> {
  await introduceAll(host, registry, seats);
  await Promise.all(seats.map(({ ready }) => ready.promise));
}

/**
 * Has these replicas end the view in which their cluster died; resolves when those that can have begun the next one.
 */
async function recoverView(host: StartHost, data: DataDir, seats: readonly Seat[]): Promise<void> {
  await introduceAll(host, data, seats);
  // All that was ever answered is in each of them, and no other one can have more: from here on one is enough.
  for (const seat of seats) seat.mayFail = true;
  await Promise.all(seats.map(({ installed, reported }) => Promise.race([installed.promise, reported.promise])));
  if (host.stopping.aborted || seats.some(({ up }) => up)) return;
  const causes = seats.map(({ slot, cause }) => `replica ${slot} ${cause ?? "has died"}`);
  throw new StartError(`Cannot start from "${data.directory}": ${causes.join("; ")}`);
}

async function introduceAll(host: StartHost, registry: Registry, seats: readonly Seat[]): Promise<void> {
  await Promise.all(seats.map(({ listening }) => listening.promise));
  if (host.stopping.aborted) return;
  for (const { slot, port } of seats) registry.setPort(slot, port);
  registry.begin();
  const members = seats.map(({ member }) => member);
  for (const seat of seats) host.replicas.introduce(seat, members);
}

/** Ends the replica in a slot, and gives its file another name. */
async function setAside(host: StartHost, data: DataDir, seat: Seat): Promise<void> {
  seat.isWanted = true;
  host.replicas.kill(seat, "was given up");
  await seat.process.exited;
  host.onEvent({ kind: "setAside", slot: seat.slot, name: data.setAside(seat.slot) });
}

function isSetAside(plan: SlotPlan): boolean {
  return (plan.role === "new" || plan.role === "join") && plan.isSetAside;
}

/** What a replica has found, or why it has not. */
function fileOf({ found, unreadable, cause }: Seat): SlotFile {
  if (unreadable !== undefined) return { kind: "damaged", reason: unreadable };
  if (found === undefined) return { kind: "unread", reason: `it ${cause ?? "has died"}` };
  return found === null ? { kind: "empty" } : { kind: "found", found };
}
