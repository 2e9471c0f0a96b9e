/**
 * One random schedule: a world, everything that may go wrong in it, and then the proof that it is still well.
 *
 * The seed draws all options. First comes the *safety* phase, in which anything may happen at any moment; then the
 * *liveness* phase, in which nothing more fails: whoever runs must get all its answers (claim (e)), also if clients
 * stay stopped for ever, and the survivors must be equal. A replica that hangs then is killed by the launcher.
 *
 * @module
 */

import { Calm } from "./calm.ts";
import { Crashes } from "./crashes.ts";
import { Liars } from "./liars.ts";
import type { LieKind } from "./lie_kinds.ts";
import { type Profile, type ProfileName, profiles } from "./profiles.ts";
import { Random } from "../../src/simulator/random.ts";
import { Restarts } from "./restarts.ts";
import { Rooms } from "./rooms.ts";
import { SlowLinks } from "./slow_links.ts";
import { Stage } from "./stage.ts";
import type { SimClient, SimReplica } from "./world.ts";
import { World, type WorldOptions } from "./world.ts";

/** What happened in a schedule. */
export interface ScheduleResult {
  /** Replicas that it began with, and newcomers that were let in. */
  readonly replicas: number;
  readonly newcomers: number;
  readonly clients: number;
  readonly steps: number;
  /** The number of the last view. */
  readonly views: number;
  readonly requests: number;
  readonly answered: number;
  /** How often each lie was told. */
  readonly lies: ReadonlyMap<LieKind, number>;
  /** What sealing came to; absent: nothing was sealed. */
  readonly sealing?: Readonly<Record<string, number>>;
}

/** What a schedule may be told besides its seed. */
export interface ScheduleOptions {
  readonly trace?: (line: string) => void;
  /** Within which bounds its options are drawn; `troubled` if absent. */
  readonly profile?: ProfileName;
  /** Whether the replicas have disks; absent: drawn. */
  readonly durable?: boolean;
  /** Makes the world; a test of the simulator may give one that is broken. */
  readonly world?: (options: WorldOptions) => World;
}

/**
 * Runs the schedule of a seed.
 *
 * @throws {Violation} if a claim does not hold.
 */
export function runSchedule(seed: number, options: ScheduleOptions = {}): ScheduleResult {
  return new Schedule(seed, options).run();
}

class Schedule {
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #profile: Profile;
  readonly #world: World;
  readonly #actions: readonly [weight: number, action: () => void][];
  readonly #replicas: number;
  readonly #steps: number;
  // Messages delivered in a row before anybody acts: turns of any size occur.
  readonly #turnMax: number;
  readonly #slow: SlowLinks;
  readonly #calm: Calm;
  readonly #crashes: Crashes;
  readonly #restarts: Restarts;
  readonly #liars: Liars;
  readonly #rooms: Rooms;
  // The address that a client never reaches, by the client's name.
  readonly #cutOff = new Map<string, string>();
  #clientsLeft: number;
  #newcomersLeft: number;
  #hoursLeft = 2;

  constructor(seed: number, options: ScheduleOptions) {
    const random = this.#random = new Random(seed);
    const profile: Profile = this.#profile = profiles[options.profile ?? "troubled"];
    const replicas = this.#replicas = random.between(...profile.replicas);
    const durable = options.durable ?? random.chance(profile.durable);
    const worldOptions: WorldOptions = {
      replicas,
      durable,
      pieces: () => random.pick([1, 1, 2, 5]),
      torn: () => random.chance(0.5),
      codec: random.chance(0.1),
      trace: options.trace,
    };
    const world = this.#world = options.world?.(worldOptions) ?? new World(worldOptions);
    this.#clientsLeft = random.between(...profile.clients);
    this.#newcomersLeft = random.between(0, 4);
    this.#steps = random.between(...profile.steps);
    this.#turnMax = random.pick([1, 1, 2, 4, 12]);
    const slow = this.#slow = new SlowLinks(random, random.pick(profile.slowKinds), random.pick([20, 80, 300]));
    const stage = this.#stage = new Stage(world, random, slow, durable, options.trace);
    this.#calm = new Calm(world, (client) => this.#reachable(client), ({ name }) => this.#cutOff.has(name));
    const crashes = this.#crashes = new Crashes(stage);
    // The history must be able to tell what is given up then.
    const wipes = random.chance(profile.operators) && world.canFork;
    const restarts = this.#restarts = new Restarts(stage, replicas, wipes, () => this.#welcome());
    const liars = this.#liars = new Liars(stage, new Random(seed + 0x11a5), profile.liars);
    const rooms = this.#rooms = new Rooms(stage, this.#calm);
    const full: number = profile.full ?? 0;
    // In each schedule only some kinds of trouble occur, so that rare combinations get their share.
    const { chance, weight: share } = profile.trouble;
    const some = (weight: number) => random.chance(chance) ? share * weight * random.next() : 0;
    const actions: readonly [weight: number, action: () => void][] = [
      [60, () => this.#deliver()],
      [random.pick(profile.submits), () => this.#submit()],
      [random.pick(profile.reads), () => this.#read()],
      [some(6), () => crashes.readInFlush()],
      [8, () => this.#connect()],
      // A replica does at once what it has put off, or long after.
      [random.pick([0.3, 3, 12, 60]), () => this.#lull()],
      [random.pick([1, 6]), () => this.#pass(random.pick([0, 1, 6, 100, 300, 800]))],
      [profile.words, () => this.#say()],
      [some(1.5), () => crashes.crashReplica()],
      [some(1.5), () => this.#crashClient()],
      [some(2), () => this.#breakLink()],
      [some(3), () => this.#stop(this.#random.pick(this.#world.replicas))],
      [some(3), () => this.#stop(this.#stage.pickClient())],
      [6, () => this.#wake()],
      [some(2), () => this.#end()],
      [some(8), () => crashes.crashInFlush()],
      [some(3), () => crashes.breakAndCrash()],
      [some(10), () => crashes.crashDonor()],
      [some(12), () => crashes.deliverLate()],
      [some(1), () => this.#startNewcomer()],
      [random.pick(profile.slowness), () => this.#slow.begin(this.#world.ways(), this.#stage.step)],
      [some(0.6), () => this.#breakMesh()],
      [durable ? some(0.6) : 0, () => restarts.crashAll()],
      [durable ? 3 : 0, () => restarts.coldStart()],
      [durable ? some(3) : 0, () => crashes.stall()],
      [durable ? some(0.6) : 0, () => restarts.stopAll()],
      [durable && random.chance(0.05) ? 1 : 0, () => restarts.flip()],
      [random.chance(0.3) ? 0.5 : 0, () => this.#rest()],
      [random.chance(profile.hours) ? 2 : 0, () => this.#idle()],
      [random.chance(profile.twins) ? 2 : 0, () => this.#addTwin()],
      [random.chance(profile.operators) ? 3 : 0, () => restarts.backUp()],
      [random.chance(profile.operators) ? 0.5 : 0, () => restarts.restore()],
      [profile.lone ?? 0, () => crashes.installAlone()],
      [full, () => rooms.change()],
      [full / 8, () => rooms.lackAll()],
      [liars.lies, () => liars.lie()],
      [liars.whispers, () => liars.whisperAndCrash()],
      [liars.waits, () => liars.wait()],
    ];
    this.#actions = actions.filter(([weight]) => weight > 0);
  }

  run(): ScheduleResult {
    const world = this.#world;
    const clients = this.#clientsLeft;
    this.#addClient();
    const weights = this.#actions.map(([weight]) => weight);
    for (; this.#stage.step < this.#steps; this.#stage.step++) {
      if (this.#stage.undisturbed > 0) this.#goOn();
      else this.#actions[this.#random.weighted(weights)][1]();
      if (this.#restarts.refused !== undefined) break;
      this.#rooms.tell();
      if (this.#random.chance(0.15)) this.#addClient();
      if (this.#stage.step % 64 === 0) world.sweep();
      this.#slow.end(this.#stage.step);
    }
    if (this.#restarts.refused === undefined) this.#heal();
    if (this.#restarts.refused === undefined) {
      // No newcomer is let in where nobody has what is damaged.
      const survivors = world.isHurt ? world.livingMembers : world.living;
      world.history.finish(survivors.map(({ id }) => id));
    }
    return {
      replicas: this.#replicas,
      newcomers: world.replicas.slice(this.#replicas).filter(({ view }) => view > 0).length,
      clients,
      steps: this.#steps,
      views: Math.max(...world.replicas.map(({ view }) => view)),
      requests: world.history.length,
      answered: world.history.answered,
      lies: this.#liars.told,
    };
  }

  // ---- The safety phase ----

  /** The survivors of a coordinator act without further trouble, so that their flush makes progress. */
  #goOn(): void {
    this.#stage.undisturbed--;
    switch (this.#random.weighted([15, 13, 72])) {
      case 0:
        return this.#crashes.deliverLate();
      case 1:
        return this.#say();
      default:
        return this.#deliver();
    }
  }

  #addClient(): void {
    if (this.#clientsLeft === 0) return;
    this.#clientsLeft--;
    const { name } = this.#world.addClient(this.#random.hex(32), `c${this.#world.clients.length + 1}`);
    const { cutOff } = this.#profile;
    if (cutOff > 0 && this.#random.chance(cutOff)) this.#cutOff.set(name, `r${this.#random.below(this.#replicas)}`);
  }

  #deliver(): void {
    for (let count = this.#random.between(1, this.#turnMax); count > 0; count--) {
      const deliverable = this.#world.deliverable();
      if (deliverable.length > 0) this.#random.pick(deliverable)();
    }
    this.#stage.turn();
  }

  #submit(): void {
    this.#stage.submitBy(this.#stage.pickClient());
    this.#stage.turn();
  }

  #read(): void {
    const client = this.#stage.pickClient();
    // It must find what it has just submitted.
    if (this.#random.chance(0.3)) this.#stage.submitBy(client);
    for (let count = this.#random.pick([1, 1, 3]); count > 0; count--) this.#stage.readBy(client);
    this.#stage.turn();
  }

  /** A moment passes for one replica that has put something off. */
  #lull(): void {
    const waiting = this.#world.replicas.filter(({ alive, wantsLull }) => alive && wantsLull);
    if (waiting.length === 0) return;
    const replica = this.#random.pick(waiting);
    this.#world.lull(replica);
    this.#world.turnOfReplica(replica);
  }

  #connect(): void {
    const client = this.#stage.pickClient();
    if (!client.alive || client.stopped || this.#world.isLying(client)) return;
    const wanted = this.#reachable(client);
    if (wanted.length > 0) this.#world.connect(client, this.#random.pick(wanted));
    this.#stage.turn();
  }

  /** The addresses that a link is missing to, and can be had to. */
  #reachable({ name, core }: SimClient): string[] {
    return core.wanted().filter((address) => address !== this.#cutOff.get(name));
  }

  #pass(elapsedMs: number): void {
    const { replicas, clients } = this.#world;
    this.#world.nowMs += elapsedMs;
    for (const replica of replicas) {
      if (replica.alive && !replica.stopped && this.#random.chance(0.7)) this.#world.tickReplica(replica);
    }
    for (const client of clients) {
      if (client.alive && !client.stopped && this.#random.chance(0.7)) this.#world.tickClient(client);
    }
    this.#world.look(() => this.#random.chance(0.8), this.#stage.keep);
    this.#stage.turn();
  }

  /** A link between two replicas that live breaks: it ends in the death of one of them, by the launcher. */
  #breakMesh(): void {
    const { living } = this.#world;
    if (living.length < 2) return;
    const [a, b] = this.#random.shuffled(living);
    this.#world.breakMesh(a, b, this.#stage.keep);
  }

  /** The launcher tells one replica of one death. */
  #say(): void {
    const replica = this.#random.pick(this.#world.replicas);
    const dead = this.#random.pick(this.#world.replicas);
    if (!replica.alive || replica.stopped || dead.alive || replica.said.has(dead.id)) return;
    this.#world.say(replica, dead);
    this.#stage.turn();
  }

  #startNewcomer(): void {
    if (this.#newcomersLeft-- <= 0) return;
    this.#world.startNewcomer();
    this.#stage.turn();
  }

  /** Clients of the cluster that is gone are lost: others come. */
  #welcome(): void {
    this.#clientsLeft += 2;
    this.#addClient();
  }

  /** Another process begins to use the session of a client. */
  #addTwin(): void {
    const client = this.#stage.pickClient();
    if (!this.#world.isShared(client)) this.#world.addTwin(client);
  }

  /** Nobody does anything for so long that sessions without a link expire at the next flush. */
  #idle(): void {
    if (this.#hoursLeft-- > 0) this.#world.idle();
    this.#stage.turn();
  }

  /** Nothing new fails for a moment: whoever runs must be answered within the bound. */
  #rest(): void {
    const world = this.#world;
    if (!world.livingMembers.some(({ stopped }) => !stopped)) return;
    // Two processes with one session take it from each other for as long as both live, and close the gate for others.
    if (world.clients.some(({ alive, name }) => alive && name.endsWith("'"))) return;
    this.#stage.trace?.("(calm)");
    this.#slow.end(Infinity);
    this.#calm.answerAll();
  }

  #crashClient(): void {
    const client = this.#stage.pickClient();
    if (!client.alive) return;
    if (!client.stopped && this.#random.chance(0.6)) {
      if (!client.gone && this.#random.chance(0.5)) this.#submit();
      this.#world.turnOfClient(client, this.#random.below(4));
    } else {
      this.#world.crashClient(client, this.#stage.keep);
    }
  }

  #breakLink(): void {
    if (this.#world.connections.length === 0) return;
    this.#world.breakLink(this.#random.pick(this.#world.connections), this.#stage.keep);
  }

  #stop(process: SimClient | SimReplica): void {
    process.stopped = true;
  }

  #wake(): void {
    const stopped = [...this.#world.replicas, ...this.#world.clients].filter(({ stopped }) => stopped);
    if (stopped.length > 0) this.#random.pick(stopped).stopped = false;
    this.#stage.turn();
  }

  #end(): void {
    const client = this.#stage.pickClient();
    if (client.alive && !this.#world.isLying(client) && this.#random.chance(0.3)) {
      client.core.end();
      this.#stage.ending.add(client);
    }
    this.#stage.turn();
  }

  // ---- The liveness phase ----

  /** Nothing fails any more; stopped clients stay so, and a stopped replica wakes, or is killed if another lives. */
  #heal(): void {
    const world = this.#world;
    this.#stage.trace?.("(heal)");
    world.isCalm = true;
    this.#slow.end(Infinity);
    for (const replica of world.living) {
      if (!replica.stopped || this.#random.chance(0.2)) continue;
      if (!this.#stage.isLast(replica) && this.#random.chance(0.5)) world.crashReplica(replica, this.#stage.keep);
      else replica.stopped = false;
    }
    // The launcher kills a replica that hangs, if another member answers.
    if (!world.livingMembers.some(({ stopped }) => !stopped)) {
      for (const replica of world.living) replica.stopped = false;
    }
    // Two processes with one session take it from each other for as long as both live.
    for (const client of world.clients) if (client.name.endsWith("'")) world.crashClient(client, this.#stage.keep);
    for (const client of world.clients) if (client.stopped && this.#random.chance(0.5)) client.stopped = false;
    this.#liars.fallSilent();
    if (this.#stage.durable) this.#restarts.coldStart();
    if (this.#restarts.refused !== undefined) return;
    this.#rooms.clear();

    this.#calm.settle();
  }
}
