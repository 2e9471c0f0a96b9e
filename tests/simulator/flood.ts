/**
 * A flood: clients send all the time, faster than a newcomer is fed, whose links are slow. It must be let in
 * nevertheless, and nobody may wait for one that hangs (rule V9).
 *
 * @module
 */

import { followBytesMax, followedBytesMax, snapshotPieceBytes } from "../../src/limits.ts";
import type { MeshMessage } from "../../src/protocol/wire/messages.ts";
import { Gathering, Parts, type Restoring, type Snapshot } from "../../src/snapshot.ts";
import type { ReplicaId } from "../../src/uid.ts";
import { Random } from "../../src/simulator/random.ts";
import { DigestMachine } from "./digest_machine.ts";
import { Violation } from "./history.ts";
import { type SimClient, type SimReplica, World } from "./world.ts";
import { newcomerSlowMs } from "../../src/protocol/replica/donor.ts";

/** Rounds within which a newcomer must have been let in, of which it hangs in some. */
const roundsMax = 1_500;

/** Milliseconds that a round takes. */
const roundMs = 5;

/** Bytes that a request counts with at a donor, at least. */
const requestBytes = 128;

/** A machine whose snapshot has several pieces. */
class LargeMachine extends DigestMachine {
  readonly #bytes: number;

  constructor(bytes: number) {
    super();
    this.#bytes = bytes;
  }

  override freeze(): Snapshot {
    return new Parts([this.snapshot(), new Uint8Array(this.#bytes)]);
  }

  override restoring(): Restoring {
    return new Gathering((bytes) => this.restore(bytes.subarray(0, bytes.length - this.#bytes)));
  }
}

/** Notes when a donor has begun. */
class FloodedWorld extends World {
  /** Commands that the donor had executed when it began. */
  begunAt: number | undefined;

  protected override onMesh(replica: SimReplica, to: ReplicaId, message: MeshMessage): void {
    super.onMesh(replica, to, message);
    if (message.kind === "PIECE" && message.offset === 0) this.begunAt ??= replica.core.status().executed;
  }
}

/**
 * Runs the flood of a seed; with small limits, see `mutations/mutate.ts`: with those of `limits.ts` nothing is long.
 *
 * @returns in how many rounds the newcomer was let in.
 * @throws {Violation} if it is not, or a claim does not hold.
 */
export function runFlood(seed: number): number {
  const random = new Random(seed);
  const pieces = random.between(5, 20);
  const world = new FloodedWorld({
    replicas: random.between(1, 3),
    durable: random.chance(0.5),
    pieces: () => random.pick([1, 2, 5]),
    machine: () => new LargeMachine(pieces * snapshotPieceBytes),
  });
  const count = random.between(1, 3);
  const clients = Array.from({ length: count }, (_, k) => world.addClient(random.hex(32), `c${k}`));
  const outstanding = random.between(2, 12);
  for (let round = 0; round < 20; round++) floodRound(world, clients, outstanding, undefined);
  const newcomer = world.startNewcomer()!;
  const hangsAt = random.between(1, 2 * pieces);
  // Its donor may die while it is fed: the next one begins from scratch.
  const diesAt = world.replicas.length > 2 && random.chance(0.5) ? random.between(1, 2 * pieces) : -1;
  const hangs = Math.ceil(2 * newcomerSlowMs / roundMs) + 100;
  let answered = 0;
  for (let round = 0; round < roundsMax; round++) {
    newcomer.stopped = round >= hangsAt && round < hangsAt + hangs;
    if (round === hangsAt + hangs - 50) ({ answered } = world.history);
    if (round === hangsAt + hangs && world.history.answered === answered) {
      throw new Violation("(e) everybody waits for a newcomer that hangs");
    }
    if (round === diesAt) {
      const [donor] = world.replicas;
      world.crashReplica(donor, (length) => length);
      for (const other of world.living) world.say(other, donor);
    }
    // Commands do not count while it hangs, as it slows nobody down then.
    if (round === hangsAt + hangs || round === diesAt) world.begunAt = undefined;
    floodRound(world, clients, outstanding, newcomer);
    if (newcomer.view === 0 || newcomer.stopped) continue;
    const commands = world.history.commands - (world.begunAt ?? world.history.commands);
    // Twice what clients get credit for, and what is under way in the beginning and in the end.
    const most = 4 * (followBytesMax + followedBytesMax) / requestBytes + 6 * count * outstanding;
    if (commands > most) throw new Violation(`${commands} commands were executed, over ${most}, while it was fed`);
    return round;
  }
  throw new Violation("(e) a newcomer is not let in while clients send");
}

/** Everybody sends and gets all that there is. Each link of the newcomer carries only one message each way. */
function floodRound(
  world: World,
  clients: readonly SimClient[],
  outstanding: number,
  newcomer: SimReplica | undefined,
): void {
  for (const client of clients) {
    while (client.waiting < outstanding) world.submit(client);
    for (const address of client.core.wanted()) world.connect(client, address);
  }
  const isSlow = (from: string, to: string) => newcomer?.view === 0 && (from === newcomer.name || to === newcomer.name);
  for (let passes = 0; passes < 6; passes++) {
    world.turnOfAll();
    for (const deliver of world.deliverable((from, to) => !isSlow(from, to))) deliver();
    for (const replica of world.living) if (replica.wantsLull && !replica.stopped) world.lull(replica);
  }
  for (const deliver of world.deliverable(isSlow)) deliver();
  world.turnOfAll();
  world.nowMs += roundMs;
  for (const replica of world.living) if (!replica.stopped) world.tickReplica(replica);
  for (const client of clients) world.tickClient(client);
  world.sweep();
}
