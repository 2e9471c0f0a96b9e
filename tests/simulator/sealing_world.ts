/**
 * A simulated world whose replicas seal their history to files, while all else may fail: with what must be true of the
 * files at every moment.
 *
 * @module
 */

import type { SegmentRef } from "../../src/history.ts";
import { sealAgainMs } from "../../src/limits.ts";
import { Giver } from "../../src/net/replica/giver.ts";
import { Sealer } from "../../src/net/replica/sealer.ts";
import type { RecoveryOptions } from "../../src/protocol/replica/recovery.ts";
import type { ReplicaEffect, ReplicaOptions } from "../../src/protocol/replica/replica_events.ts";
import type { MessageOf } from "../../src/protocol/wire/messages.ts";
import type { Random } from "../../src/simulator/random.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { ReplicaId } from "../../src/uid.ts";
import { DamageError } from "../../src/database/segments/damage.ts";
import { finished, perform } from "../../src/storage/history_files.ts";
import { HistoryStore } from "../../src/storage/history_store.ts";
import { RefusedBytesError } from "../../src/storage/history_errors.ts";
import { StorageError } from "../../src/storage/storage_error.ts";
import { wholeName } from "../../src/storage/segment_names.ts";
import { DurableWorld, type SealingOptions, type WorldOptions } from "./durable_world.ts";
import { SimFiles } from "./files.ts";
import { Violation } from "./history.ts";
import type { SimReplica } from "./lying_world.ts";
import { noteOf, SealingMachine } from "./sealing_machine.ts";

/** What seals for a replica. */
interface Works {
  readonly machine: SealingMachine;
  readonly files: SimFiles;
  readonly sealer: Sealer;
  readonly giver: Giver;
}

function isFault(error: unknown): boolean {
  return error instanceof StorageError || error instanceof DamageError;
}

/** How many steps of sealing follow a turn. */
const stepsAfterTurn = [0, 0, 1, 2, 6, 40];

/** A world in which replicas may seal what they have executed. */
export class SealingWorld extends DurableWorld {
  readonly #options: SealingOptions | undefined;
  readonly #durable: boolean;
  readonly #files = new WeakMap<SealingMachine, SimFiles>();
  readonly #works = new Map<SimReplica, Works>();
  /** The digest of each segment, by what it must hold. */
  readonly #digests = new Map<string, string>();
  /** Segments that were named, and crashes in the middle of a step. */
  readonly sealing = { named: 0, crashes: 0, failures: 0, redacted: 0, fetched: 0 };

  constructor(options: WorldOptions) {
    super(options);
    this.#options = options.sealing;
    this.#durable = options.durable ?? false;
  }

  // ---- Beginnings ----

  protected override makeMachine(slot: number): StateMachine {
    return this.#options === undefined ? super.makeMachine(slot) : this.#newMachine(slot, this.#options);
  }

  #newMachine(slot: number, { packing }: SealingOptions): SealingMachine {
    const files = this.#durable ? this.disks[slot].files : new SimFiles();
    const store = finished(files, HistoryStore.open(files, packing, []));
    const machine = new SealingMachine(store, packing);
    this.#files.set(machine, files);
    return machine;
  }

  protected override recoveryOf(slot: number): Pick<RecoveryOptions, "machine" | "history"> {
    if (this.#options === undefined) return super.recoveryOf(slot);
    const machine = this.#newMachine(slot, this.#options);
    return { machine, history: machine.store };
  }

  protected override startReplica(start: ReplicaOptions): SimReplica {
    const machine = start.recovered?.order.executor.machine ?? start.machine;
    const seals = machine instanceof SealingMachine;
    const sealedHistory = seals ? machine.store.damages.length === 0 ? "whole" : "lacking" : undefined;
    const replica = super.startReplica({ ...start, sealedHistory });
    if (machine instanceof SealingMachine) this.#begin(replica, machine, start);
    if (replica.view > 0 && start.recovered === undefined) this.#works.get(replica)?.sealer.viewInstalled();
    return replica;
  }

  #begin(replica: SimReplica, machine: SealingMachine, { recovered, joining = false }: ReplicaOptions): void {
    const files = this.#files.get(machine)!;
    if (recovered !== undefined && machine.store.damages.length === 0) this.#check(replica, machine);
    const sealer = new Sealer({
      machine,
      hasJournal: this.#durable,
      history: machine.store,
      perform: (order) => perform(files, order),
      isFault,
      isRefusal: (error) => error instanceof RefusedBytesError,
      newcomer: !joining ? undefined : {
        lacks: (n, segment, part) => replica.core.step({ kind: "lacks", n, segment, part }),
        refused: (n) => replica.core.step({ kind: "refused", n }),
        obtained: (n) => replica.core.step({ kind: "obtained", n }),
      },
      sealed: (segment) => replica.core.step({ kind: "sealed", segment }),
      say: () => this.sealing.failures++,
      halt: (reason) => {
        throw new Violation(`${replica.name} ends: ${reason}`);
      },
    });
    const send = (to: ReplicaId, part: MessageOf<"PART_IS">) => {
      this.performForReplica(replica, { kind: "toReplica", to, message: part });
    };
    const giver = new Giver({ history: machine.store, isFault, send });
    this.#works.set(replica, { machine, files, sealer, giver });
  }

  protected override onFiles(
    replica: SimReplica,
    effect: ReplicaEffect & { kind: "obtain" | "part" | "give" },
  ): void {
    const works = this.#works.get(replica);
    switch (effect.kind) {
      case "obtain":
        return works?.sealer.obtain(effect.n, effect.segments);
      case "part":
        this.sealing.fetched++;
        return works?.sealer.came(effect);
      case "give":
        return works?.giver.ask(effect.to, effect);
    }
  }

  // ---- Turns ----

  override turnOfReplica(replica: SimReplica, effects = Infinity, stall = false): void {
    super.turnOfReplica(replica, effects, stall);
    const works = this.#works.get(replica);
    const random = this.#options?.random;
    if (works === undefined || random === undefined || !replica.alive || replica.stopped) return;
    for (let left = random.below(4); left > 0 && works.giver.isReady; left--) works.giver.step();
    for (let left = random.pick(stepsAfterTurn); left > 0 && replica.alive && !replica.stopped; left--) {
      if (!works.sealer.isReady) break;
      this.#step(replica, works, random);
    }
    if (random.chance(0.1)) works.sealer.pass(sealAgainMs);
  }

  /** In a moment of calm, nobody waits for a newcomer that is slow to fetch. */
  override turnOfAll(): void {
    super.turnOfAll();
    let hasWorked = false;
    for (const [replica, { sealer, giver }] of this.#works) {
      if (!replica.alive || replica.stopped) continue;
      for (; giver.isReady; hasWorked = true) giver.step();
      for (; sealer.obtained !== undefined && sealer.isReady; hasWorked = true) sealer.step();
    }
    if (hasWorked) super.turnOfAll();
  }

  /** Does a step, in which the disk may fail, and the process or the machine may die. */
  #step(replica: SimReplica, { sealer, files }: Works, random: Random): void {
    // Newcomers that come while the last member dies have no one to be let in by.
    const mayDie = this.livingMembers.some((other) => other !== replica) || this.living.length === 1;
    if (this.#durable && mayDie && random.chance(0.03)) files.crashAt = files.changes + random.below(3);
    const mayFail = random.chance(0.05);
    if (mayFail) files.roomBytes = random.below(400);
    files.fault = (call) => {
      if (mayFail && call !== "read" && call !== "names" && call !== "size" && random.chance(0.3)) {
        throw new Error(`Input/output error (os error 5): ${call}`);
      }
    };
    sealer.step();
    files.fault = () => {};
    files.roomBytes = Infinity;
    files.crashAt = Infinity;
    if (!files.isDown) return;
    this.trace?.(`${replica.name} dies while it seals`);
    this.sealing.crashes++;
    this.crashReplica(replica, (length) => length);
  }

  override crashReplica(replica: SimReplica, keep: (length: number, to: string) => number): void {
    const { alive } = replica;
    super.crashReplica(replica, keep);
    const works = this.#works.get(replica);
    if (!alive || works === undefined) return;
    this.#works.delete(replica);
    works.files.restartMachine((below) => this.#options!.random.below(below));
  }

  protected override onNamed(replica: SimReplica, segment: SegmentRef): void {
    const { machine, sealer } = this.#works.get(replica)!;
    const isNew = machine.store.find(segment) === undefined;
    sealer.named(segment);
    this.sealing[isNew ? "named" : "redacted"]++;
    this.trace?.(`${replica.name} names segment ${segment.number}`);
    this.#check(replica, machine);
  }

  protected override onCheckpointBegins(replica: SimReplica): void {
    this.#works.get(replica)?.sealer.checkpointBegins();
  }

  protected override onCheckpointed(replica: SimReplica): void {
    this.#works.get(replica)?.sealer.checkpointed();
  }

  protected override onRestored(replica: SimReplica): void {
    super.onRestored(replica);
    this.#works.get(replica)?.sealer.restored();
  }

  protected override onInstalled(
    replica: SimReplica,
    effect: ReplicaEffect & { kind: "installed" },
    effects: readonly ReplicaEffect[],
  ): void {
    super.onInstalled(replica, effect, effects);
    const works = this.#works.get(replica);
    works?.sealer.viewInstalled();
    // Nobody is let in with a gap.
    if (works !== undefined) this.#check(replica, works.machine);
  }

  // ---- What is checked ----

  /** Each named segment is on this disk, equal ones have equal digests, and every entry can be read. */
  #check(replica: SimReplica, machine: SealingMachine): void {
    const files = this.#files.get(machine)!;
    for (const segment of machine.named) {
      const name = wholeName(segment);
      const bytes = files.survivor(name);
      if (bytes === undefined || bytes.length !== files.size(name)) {
        throw new Violation(`${replica.name} names segment ${segment.number}, which is not on its disk`);
      }
      const content = machine.contentOf(segment.number);
      if (content === undefined) continue;
      const digest = segment.digest.toHex();
      const other = this.#digests.get(content);
      this.#digests.set(content, digest);
      if (other !== undefined && other !== digest) throw new Violation(`segment ${content} has two digests`);
    }
    this.#checkEntries(replica, machine);
  }

  #checkEntries(replica: SimReplica, machine: SealingMachine): void {
    let index = 0;
    for (const { number, note } of machine.entries()) {
      index++;
      const wanted = machine.isErased(index) ? 0 : noteOf(number)[0];
      const isErased = note.every((byte) => byte === 0);
      if (!note.every((byte) => byte === wanted) && !(isErased && wanted !== 0)) {
        throw new Violation(`${replica.name} has another note of entry ${index}`);
      }
    }
    if (index !== machine.lastEntry) throw new Violation(`${replica.name} reads ${index} of ${machine.lastEntry}`);
  }

  /** Nothing more happens: everybody seals all that can be sealed, and has no other files. */
  sealAll(): void {
    for (const [replica, { machine, sealer }] of this.#works) {
      if (!replica.alive || replica.stopped || replica.view === 0) continue;
      for (let steps = 0; steps < 20_000; steps++) {
        sealer.pass(sealAgainMs);
        if (sealer.isReady) sealer.step();
        else {
          super.turnOfReplica(replica);
          if (!sealer.isReady) break;
        }
      }
      if (machine.unsealed !== undefined || machine.redactionsDue.length > 0) {
        throw new Violation(`${replica.name} does not seal segment ${machine.unsealed?.number}`);
      }
      const names = [...machine.named, ...machine.store.replaced].map(wholeName).sort();
      const found = this.#files.get(machine)!.names().sort();
      if (found.join() !== names.join()) throw new Violation(`${replica.name} keeps ${found} for ${names}`);
      this.#check(replica, machine);
    }
  }
}
