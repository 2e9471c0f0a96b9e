/**
 * The liars of a schedule: when they come, which of them acts, and which replicas die of it.
 *
 * @module
 */

import { replicaTickMs } from "../../src/limits.ts";
import type { Random } from "../../src/simulator/random.ts";
import { Liar } from "./liar.ts";
import { type LieKind, lieKinds } from "./lie_kinds.ts";
import { Lies } from "./lies.ts";
import type { Profile } from "./profiles.ts";
import type { Stage } from "./stage.ts";
import type { SimClient } from "./world.ts";

/** All clients that lie, or will. */
export class Liars {
  readonly #stage: Stage;
  // They have a source of their own, so that schedules without them stay what they are.
  readonly #random: Random;
  readonly #liars: Liar[] = [];
  readonly #lies: Lies;
  // Clients that are honest for a while before they lie.
  readonly #hypocrites: SimClient[] = [];
  #left: number;
  /** How often one of them acts, and how often one brings about a death, against 60 deliveries. */
  readonly lies: number;
  readonly whispers: number;
  /** How often nobody hears from clients for long, so that leases end and the gate closes. */
  readonly waits: number;
  /** How often each lie was told. */
  readonly told = new Map<LieKind, number>(lieKinds.map((kind) => [kind, 0]));

  /** As many as the profile says may come. */
  constructor(stage: Stage, random: Random, { chance, count }: Profile["liars"]) {
    this.#stage = stage;
    this.#random = random;
    this.#lies = new Lies(stage.world, random, (kind) => this.#tell(kind), () => this.#addLiar());
    this.#left = random.chance(chance) ? random.between(...count) : 0;
    this.lies = this.#left > 0 ? random.pick([10, 25, 60]) : 0;
    this.whispers = this.lies > 0 && random.chance(0.5) ? 3 : 0;
    this.waits = this.lies > 0 && random.chance(0.3) ? 1 : 0;
  }

  #tell(kind: LieKind): void {
    this.told.set(kind, this.told.get(kind)! + 1);
  }

  /** A liar takes a step, or begins to lie. */
  lie(): void {
    if (this.#left > 0 && this.#random.chance(0.3)) {
      this.#left--;
      this.#addLiar();
    }
    const hypocrite = this.#hypocrites[0];
    if (hypocrite !== undefined && this.#random.chance(0.05)) {
      this.#hypocrites.shift();
      if (hypocrite.alive && !hypocrite.gone && hypocrite.lost === undefined) {
        this.#tell("begins to lie after it was honest");
        this.#liars.push(new Liar(this.#stage.world, hypocrite));
      }
    }
    const liars = this.#running;
    if (liars.length === 0) return;
    const liar = this.#random.pick(liars);
    for (let count = this.#random.pick([1, 1, 2, 5]); count > 0; count--) this.#lies.act(liar);
    this.#stage.turn();
  }

  #addLiar(): void {
    const { world } = this.#stage;
    const client = world.addClient(this.#random.hex(32), `l${world.clients.length + 1}`);
    if (this.#random.chance(0.3)) this.#hypocrites.push(client);
    else this.#liars.push(new Liar(world, client));
  }

  /** Those that can act. */
  get #running(): Liar[] {
    return this.#liars.filter(({ client }) => client.alive && !client.stopped);
  }

  /** One replica alone gets a request with a small timestamp, and may tell of it; then it, or another one, dies. */
  whisperAndCrash(): void {
    const world = this.#stage.world;
    const liars = this.#running;
    if (liars.length === 0) return;
    const replica = this.#lies.whisper(this.#random.pick(liars));
    if (replica === undefined || replica.stopped) return;
    for (const connection of world.connections) {
      if (connection.replica !== replica || !this.#liars.some(({ client }) => client === connection.client)) continue;
      while (connection.toReplica.hasNext && !replica.core.isHeld(connection.atReplica)) {
        world.deliverToReplica(connection);
      }
    }
    world.turnOfReplica(replica);
    for (let count = this.#random.below(8); count > 0; count--) {
      const mesh = world.deliverable((from, to) => from.startsWith("r") && to.startsWith("r"));
      if (mesh.length > 0) this.#random.pick(mesh)();
      if (this.#random.chance(0.5)) world.turnOfAll();
    }
    const victim = this.#random.chance(0.3) ? replica : this.#random.pick(world.livingMembers);
    if (victim === undefined || !victim.alive || this.#stage.isLast(victim) || this.#random.chance(0.5)) return;
    this.#tell("the smallest timestamp, and a death");
    world.crashReplica(victim, this.#stage.keep);
    this.#stage.turn();
  }

  /** Time passes, and replicas wait for clients: perhaps for longer than a lease. */
  wait(): void {
    const { world } = this.#stage;
    for (let ticks = this.#random.pick([3, 9, 18]); ticks > 0; ticks--) {
      world.nowMs += replicaTickMs;
      for (const replica of world.living) if (!replica.stopped) world.tickReplica(replica);
      for (let count = this.#random.pick([0, 3, 12]); count > 0; count--) {
        const deliverable = world.deliverable();
        if (deliverable.length > 0) this.#random.pick(deliverable)();
      }
      this.#stage.turn();
    }
  }

  /** Nobody lies any more, and some links of liars end. */
  fallSilent(): void {
    const { world, random, keep } = this.#stage;
    for (const { client } of this.#liars) if (client.alive && random.chance(0.3)) world.crashClient(client, keep);
  }
}
