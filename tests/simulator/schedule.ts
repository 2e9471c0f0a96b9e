/**
 * One random schedule: a world, everything that may go wrong in it, and then the proof that it is still well.
 *
 * The seed draws all options. First comes the *safety* phase, in which anything may happen at any moment; then the
 * *liveness* phase, in which nothing more fails: whoever runs must get all its answers (claim (e)), also if clients
 * stay stopped for ever, and the survivors must be equal. A replica that hangs then is killed by the launcher.
 *
 * @module
 */

import type { Kind } from "../../src/protocol/wire/messages.ts";
import type { ReplicaId } from "../../src/uid.ts";
import { Calm } from "./calm.ts";
import { type LieKind, lieKinds, Lies } from "./lies.ts";
import { Liar } from "./liar.ts";
import { Violation } from "./history.ts";
import { type Profile, type ProfileName, profiles } from "./profiles.ts";
import type { Backup } from "../../src/simulator/backup.ts";
import { Random } from "../../src/simulator/random.ts";
import { slotOf } from "../../src/uid.ts";
import { SlowLinks } from "./slow_links.ts";
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

/**
 * Steps for which the last words of a replica may be on their way: they arrive in the middle of the next flush, or
 * after it.
 */
const lateSteps = [10, 20, 30, 40, 60, 80, 120, 400];

class Schedule {
  readonly #random: Random;
  readonly #profile: Profile;
  readonly #world: World;
  readonly #actions: readonly [weight: number, action: () => void][];
  readonly #replicas: number;
  readonly #steps: number;
  readonly #trace: ((line: string) => void) | undefined;
  // Messages delivered in a row before anybody acts: turns of any size occur.
  readonly #turnMax: number;
  readonly #durable: boolean;
  // Why the cluster was not started again, if it was not.
  #refused: string | undefined;
  #hasFlipped = false;
  // Somebody loses the disks of replicas that have died, and may use --force-from then.
  readonly #wipes: boolean;
  #backup: Backup | undefined;
  #hoursLeft = 2;
  #restoresLeft = 2;
  #hasWiped = false;
  // The address that a client never reaches, by the client's name.
  readonly #cutOff = new Map<string, string>();
  #clientsLeft: number;
  #newcomersLeft: number;
  readonly #ending = new Set<SimClient>();
  readonly #slow: SlowLinks;
  readonly #calm: Calm;
  readonly #lies = new Map<LieKind, number>(lieKinds.map((kind) => [kind, 0]));
  readonly #liars: Liar[] = [];
  readonly #lying: Lies;
  // Clients that are honest for a while before they lie.
  #hypocrites: SimClient[] = [];
  #liarsLeft: number;
  #step = 0;
  // Steps in which nothing new fails.
  #undisturbed = 0;

  constructor(seed: number, options: ScheduleOptions) {
    const random = this.#random = new Random(seed);
    const profile: Profile = this.#profile = profiles[options.profile ?? "troubled"];
    const replicas = this.#replicas = random.between(...profile.replicas);
    this.#trace = options.trace;
    const durable = options.durable ?? random.chance(profile.durable);
    const worldOptions: WorldOptions = {
      replicas,
      durable,
      pieces: () => random.pick([1, 1, 2, 5]),
      torn: () => random.chance(0.5),
      codec: random.chance(0.1),
      trace: options.trace,
    };
    this.#durable = durable;
    this.#world = options.world?.(worldOptions) ?? new World(worldOptions);
    this.#clientsLeft = random.between(...profile.clients);
    this.#newcomersLeft = random.between(0, 4);
    this.#steps = random.between(...profile.steps);
    this.#turnMax = random.pick([1, 1, 2, 4, 12]);
    this.#slow = new SlowLinks(random, random.pick(profile.slowKinds), random.pick([20, 80, 300]));
    this.#calm = new Calm(this.#world, (client) => this.#reachable(client), ({ name }) => this.#cutOff.has(name));
    this.#wipes = random.chance(profile.operators);
    // They have a source of their own, so that schedules without them stay what they are.
    const own = new Random(seed + 0x11a5);
    const lie = (kind: LieKind) => void this.#lies.set(kind, this.#lies.get(kind)! + 1);
    this.#lying = new Lies(this.#world, own, lie, () => this.#addLiar(own));
    this.#liarsLeft = own.chance(profile.liars.chance) ? own.between(...profile.liars.count) : 0;
    const lies = this.#liarsLeft > 0 ? own.pick([10, 25, 60]) : 0;
    // In each schedule only some kinds of trouble occur, so that rare combinations get their share.
    const { chance, weight: share } = profile.trouble;
    const some = (weight: number) => random.chance(chance) ? share * weight * random.next() : 0;
    this.#actions = [
      [60, () => this.#deliver()],
      [random.pick(profile.submits), () => this.#submit()],
      [random.pick(profile.reads), () => this.#read()],
      [some(6), () => this.#readInFlush()],
      [8, () => this.#connect()],
      // What is put off comes at once, or long after.
      [random.pick([0.3, 3, 12, 60]), () => this.#lull()],
      [random.pick([1, 6]), () => this.#pass(random.pick([0, 1, 6, 100, 300, 800]))],
      [profile.words, () => this.#say()],
      [some(1.5), () => this.#crashReplica()],
      [some(1.5), () => this.#crashClient()],
      [some(2), () => this.#breakLink()],
      [some(3), () => this.#stop(this.#random.pick(this.#world.replicas))],
      [some(3), () => this.#stop(this.#pickClient())],
      [6, () => this.#wake()],
      [some(2), () => this.#end()],
      [some(8), () => this.#crashInFlush()],
      [some(3), () => this.#breakAndCrash()],
      [some(10), () => this.#crashDonor()],
      [some(12), () => this.#deliverLate()],
      [some(1), () => this.#startNewcomer()],
      [random.pick(profile.slowness), () => this.#slow.begin(this.#world.ways(), this.#step)],
      [some(0.6), () => this.#breakMesh()],
      [durable ? some(0.6) : 0, () => this.#crashAll()],
      [durable ? 3 : 0, () => this.#coldStart()],
      [durable ? some(3) : 0, () => this.#stall()],
      [durable ? some(0.6) : 0, () => this.#stopAll()],
      [durable && random.chance(0.05) ? 1 : 0, () => this.#flip()],
      [random.chance(0.3) ? 0.5 : 0, () => this.#rest()],
      [random.chance(profile.hours) ? 2 : 0, () => this.#idle()],
      [random.chance(profile.twins) ? 2 : 0, () => this.#addTwin()],
      [random.chance(profile.operators) ? 3 : 0, () => this.#backUp()],
      [random.chance(profile.operators) ? 0.5 : 0, () => this.#restore()],
      [profile.lone ?? 0, () => this.#installAlone()],
      [lies, () => this.#lie(own)],
      [lies > 0 && own.chance(0.5) ? 3 : 0, () => this.#whisperAndCrash(own)],
    ];
  }

  run(): ScheduleResult {
    const world = this.#world;
    const clients = this.#clientsLeft;
    this.#addClient();
    const weights = this.#actions.map(([weight]) => weight);
    for (; this.#step < this.#steps; this.#step++) {
      if (this.#undisturbed > 0) this.#goOn();
      else this.#actions[this.#random.weighted(weights)][1]();
      if (this.#refused !== undefined) break;
      if (this.#random.chance(0.15)) this.#addClient();
      if (this.#step % 64 === 0) world.sweep();
      this.#slow.end(this.#step);
    }
    if (this.#refused === undefined) this.#heal();
    if (this.#refused === undefined) world.history.finish(world.living.map(({ id }) => id));
    return {
      replicas: this.#replicas,
      newcomers: world.replicas.slice(this.#replicas).filter(({ view }) => view > 0).length,
      clients,
      steps: this.#steps,
      views: Math.max(...world.replicas.map(({ view }) => view)),
      requests: world.history.length,
      answered: world.history.answered,
      lies: this.#lies,
    };
  }

  // ---- The safety phase ----

  /** The survivors of a coordinator act without further trouble, so that their flush makes progress. */
  #goOn(): void {
    this.#undisturbed--;
    switch (this.#random.weighted([15, 13, 72])) {
      case 0:
        return this.#deliverLate();
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
    this.#turn();
  }

  /** Somebody acts; now and then it dies while it does. */
  #turn(): void {
    const world = this.#world;
    if (this.#random.chance(0.7)) {
      world.turnOfAll();
    } else if (this.#random.chance(0.5)) {
      world.turnOfReplica(this.#random.pick(world.replicas));
    } else {
      world.turnOfClient(this.#pickClient());
    }
  }

  #pickClient(): SimClient {
    return this.#random.pick(this.#world.clients);
  }

  #submit(): void {
    this.#submitBy(this.#pickClient());
    this.#turn();
  }

  #submitBy(client: SimClient): void {
    if (this.#mayAsk(client)) this.#world.submit(client, this.#random.pick([1, 1, 1, 2, 5]));
  }

  /** Whether a client may ask for something more now. */
  #mayAsk(client: SimClient): boolean {
    const { alive, waiting, core } = client;
    if (!alive || waiting > 40 || this.#ending.has(client)) return false;
    return !this.#world.isLying(client) && core.inspect().mode !== "over";
  }

  #read(): void {
    const client = this.#pickClient();
    // It must find what it has just submitted.
    if (this.#random.chance(0.3)) this.#submitBy(client);
    for (let count = this.#random.pick([1, 1, 3]); count > 0; count--) this.#readBy(client);
    this.#turn();
  }

  #readBy(client: SimClient): void {
    if (this.#mayAsk(client)) this.#world.read(client);
  }

  /** A replica that is frozen is asked for what it has; and perhaps the one that answers dies. */
  #readInFlush(): void {
    const world = this.#world;
    const frozen = world.living.filter(({ core, stopped }) => !stopped && core.status().frozen);
    const client = this.#pickClient();
    if (frozen.length === 0 || !this.#mayAsk(client) || client.stopped) return;
    this.#readBy(client);
    world.turnOfClient(client);
    for (const connection of world.connections) {
      const { replica, toReplica } = connection;
      if (connection.client !== client || !frozen.includes(replica)) continue;
      while (toReplica.hasNext && !replica.core.isHeld(connection.atReplica)) world.deliverToReplica(connection);
    }
    const replica = this.#random.pick(frozen);
    if (this.#isLast(replica) || this.#random.chance(0.8)) return this.#turn();
    world.turnOfReplica(replica, this.#random.below(4));
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
    const client = this.#pickClient();
    if (!client.alive || client.stopped || this.#world.isLying(client)) return;
    const wanted = this.#reachable(client);
    if (wanted.length > 0) this.#world.connect(client, this.#random.pick(wanted));
    this.#turn();
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
    this.#world.look(() => this.#random.chance(0.8), this.#keep);
    this.#turn();
  }

  /** A link between two replicas that live breaks: it ends in the death of one of them, by the launcher. */
  #breakMesh(): void {
    const { living } = this.#world;
    if (living.length < 2) return;
    const [a, b] = this.#random.shuffled(living);
    this.#world.breakMesh(a, b, this.#keep);
  }

  #keep = (length: number) => this.#random.between(0, length);

  /** The launcher tells one replica of one death. */
  #say(): void {
    const replica = this.#random.pick(this.#world.replicas);
    const dead = this.#random.pick(this.#world.replicas);
    if (!replica.alive || replica.stopped || dead.alive || replica.said.has(dead.id)) return;
    this.#world.say(replica, dead);
    this.#turn();
  }

  /** One member must be left, where all is in memory. */
  #isLast(replica: SimReplica): boolean {
    if (this.#durable) return false;
    const members = this.#world.livingMembers;
    return members.length === 1 && members[0] === replica;
  }

  #startNewcomer(): void {
    if (this.#newcomersLeft-- <= 0) return;
    this.#world.startNewcomer();
    this.#turn();
  }

  /** All die at once, or nearly so: each may still do something of what it was about to do. */
  #crashAll(): void {
    const { living } = this.#world;
    for (const replica of this.#random.shuffled(living)) {
      if (!replica.stopped && this.#random.chance(0.5)) this.#world.turnOfReplica(replica, this.#random.below(6));
      else this.#world.crashReplica(replica, this.#keep);
    }
  }

  /** All are stopped in good order, at rest or not yet; where the stop was clean, one of the files is enough. */
  #stopAll(): void {
    const world = this.#world;
    const members = world.livingMembers;
    if (members.length === 0) return;
    const kept = slotOf(this.#random.pick(members).id);
    const olderOnes = world.disks.map((disk) => disk.copy());
    if (!world.stopAll(this.#random.pick([0, 1, 3, 20]))) return;
    for (const [slot, disk] of world.disks.entries()) {
      if (slot === kept) continue;
      // No history learns what is given up when somebody starts from an older copy.
      const fate = this.#random.pick(["kept", "lost", this.#wipes ? "lost" : "older"]);
      if (fate === "lost") disk.wipe();
      if (fate === "older") olderOnes[slot]();
      if (fate === "older") world.tampered.add(`r${slot}`);
    }
  }

  /** Once no member lives, the launcher is started again; newcomers that still live die with the old one. */
  #coldStart(): void {
    const world = this.#world;
    if (world.livingMembers.length > 0) return;
    for (const replica of world.living) world.crashReplica(replica, this.#keep);
    const isWiped = this.#wipes && this.#random.chance(0.4);
    if (isWiped) { for (const disk of world.disks) if (this.#random.chance(0.4)) disk.wipe(); }
    this.#refused = world.coldStart();
    if (this.#refused !== undefined && (isWiped || this.#hasWiped)) this.#force();
    if (this.#refused !== undefined && !this.#hasFlipped && !this.#hasWiped) {
      throw new Violation(`(b) no cold start: ${this.#refused}`);
    }
    if (this.#refused === undefined) this.#turn();
  }

  /** `--force-from`, with any replica from which that can be done. */
  #force(): void {
    this.#hasWiped = true;
    const world = this.#world;
    for (const slot of this.#random.shuffled(world.disks.map((_, slot) => slot))) {
      this.#refused = world.coldStart(slot);
      if (this.#refused === undefined) return this.#welcome();
    }
  }

  /** Clients of the cluster that is gone are lost: others come. */
  #welcome(): void {
    this.#clientsLeft += 2;
    this.#addClient();
  }

  #backUp(): void {
    if (this.#world.isPlain) this.#backup = this.#world.backup() ?? this.#backup;
  }

  /** The whole cluster is given up, and another one begins with its backup: `--restore`. */
  #restore(): void {
    const world = this.#world;
    if (this.#backup === undefined || this.#hasFlipped || this.#restoresLeft-- <= 0) return;
    for (const replica of world.living) world.crashReplica(replica, this.#keep);
    this.#trace?.(`(restore the backup at ${this.#backup.executed})`);
    world.startCluster(this.#replicas, this.#backup);
    this.#backup = undefined;
    this.#hasWiped = false;
    this.#welcome();
    this.#turn();
  }

  /** Another process begins to use the session of a client. */
  #addTwin(): void {
    const client = this.#pickClient();
    if (!this.#world.isShared(client)) this.#world.addTwin(client);
  }

  /** Nobody does anything for so long that sessions without a link expire at the next flush. */
  #idle(): void {
    if (this.#hoursLeft-- > 0) this.#world.idle();
    this.#turn();
  }

  /** Nothing new fails for a moment: whoever runs must be answered within the bound. */
  #rest(): void {
    const world = this.#world;
    if (!world.livingMembers.some(({ stopped }) => !stopped)) return;
    this.#trace?.("(calm)");
    this.#slow.end(Infinity);
    this.#calm.answerAll();
  }

  /** The disk of a replica is slow: what it has to say comes later. */
  #stall(): void {
    const { living } = this.#world;
    if (living.length === 0) return;
    this.#world.turnOfReplica(this.#random.pick(living), this.#random.below(4), true);
  }

  #flip(): void {
    this.#hasFlipped = true;
    this.#random.pick(this.#world.disks).flip(this.#random.below(1 << 20));
  }

  #crashReplica(): void {
    if (this.#world.living.length === 0) return;
    const replica = this.#random.pick(this.#world.living);
    if (this.#isLast(replica)) return;
    if (!replica.stopped && this.#random.chance(0.5)) {
      this.#world.turnOfReplica(replica, this.#random.below(6));
    } else {
      this.#world.crashReplica(replica, this.#keep);
    }
  }

  /** A member dies while a flush is under way: before, in the middle of, or after what it has to say. */
  #crashInFlush(): void {
    const frozen = this.#world.living.filter(({ core, stopped }) => !stopped && core.status().frozen);
    if (frozen.length === 0) return;
    const deciding = frozen.find(({ id }) => this.#hasSent(id, "ACCEPT"));
    const replica = deciding ?? (this.#random.chance(0.7) ? frozen[0] : this.#random.pick(frozen));
    if (this.#isLast(replica)) return;
    if (this.#random.chance(deciding === undefined ? 0.4 : 0.7)) this.#crashLate(replica);
    else if (this.#random.chance(0.5)) this.#world.turnOfReplica(replica, this.#random.below(8));
    else this.#world.crashReplica(replica, this.#keep);
  }

  /** What a coordinator has sent that is dead arrives when who gets it has just reported to another one. */
  #deliverLate(): void {
    for (const replica of this.#world.living) {
      if (replica.stopped || !this.#hasSent(replica.id, "REPORT")) continue;
      for (const [from, pipe] of replica.from) {
        const kind = pipe.isSlow ? pipe.peek()?.kind : undefined;
        if (kind !== "ACCEPT" && kind !== "PREPARE") continue;
        this.#world.deliverMesh(from, replica);
        return this.#turn();
      }
    }
  }

  /** Whether a message of this kind is on its way from a replica to another one. */
  #hasSent(id: ReplicaId, kind: Kind): boolean {
    for (const { from } of this.#world.living) {
      for (const message of from.get(id) ?? []) if (message.kind === kind) return true;
    }
    return false;
  }

  /** A coordinator dies while it feeds a newcomer, and what it has sent comes when another one does. */
  #crashDonor(): void {
    const [donor] = this.#world.livingMembers;
    if (donor === undefined || donor.stopped || this.#isLast(donor)) return;
    const kinds: readonly Kind[] = ["PIECE", "DELTA", "STATE", "FOLLOW"];
    const isFed = kinds.some((kind) => this.#hasSent(donor.id, kind));
    if (!isFed && this.#random.chance(0.9)) return;
    this.#crashLate(donor);
    this.#undisturbed *= 3;
  }

  /** A replica dies, and the others hear of it before they have all that it has sent. */
  #crashLate(replica: SimReplica): void {
    const world = this.#world;
    this.#undisturbed = this.#random.pick([0, 15, 40]);
    world.crashReplica(replica, (length) => length);
    for (const other of world.living) {
      const pipe = other.from.get(replica.id);
      if (pipe?.hasNext && this.#random.chance(0.5)) {
        this.#slow.hold(pipe, this.#step, this.#random.pick(lateSteps));
      }
      if (!other.stopped && this.#random.chance(0.8)) world.say(other, replica);
    }
    this.#turn();
  }

  /**
   * A view comes to its end, by the loss of a client if need be; its coordinator decides and begins the next one,
   * clients hear of that, and it dies before any other member does.
   */
  #installAlone(): void {
    const world = this.#world;
    const [coordinator, ...others] = world.livingMembers;
    if (coordinator === undefined || coordinator.stopped || others.length === 0) return;
    const { view } = coordinator;
    if (!coordinator.core.status().frozen) {
      const connection = world.connections.find(({ replica, client }) =>
        replica === coordinator && client.alive && !client.gone
      );
      if (connection === undefined || this.#random.chance(0.7)) return;
      world.breakLink(connection, this.#keep);
    }
    for (let count = 0; count < 60 && coordinator.alive && coordinator.view === view; count++) {
      const between = world.deliverable((from, to) => from.startsWith("r") && to.startsWith("r"));
      const near = between.length > 0 ? between : world.deliverable((_, to) => to === coordinator.name);
      if (near.length === 0) break;
      this.#random.pick(near)();
      world.turnOfAll();
    }
    if (!coordinator.alive || coordinator.view === view || !this.#hasSent(coordinator.id, "INSTALL")) return;
    for (let count = this.#random.below(12); count > 0; count--) {
      const near = world.deliverable((from, to) => from === coordinator.name && to.startsWith("c"));
      if (near.length === 0) break;
      this.#random.pick(near)();
    }
    world.crashReplica(coordinator, () => 0);
    this.#turn();
  }

  /** A replica loses a client, runs for a moment, and fails before the others know what it has done. */
  #breakAndCrash(): void {
    const world = this.#world;
    const connections = world.connections.filter(({ replica, client }) =>
      replica.alive && !replica.stopped && client.alive && !client.gone
    );
    if (connections.length === 0) return;
    const connection = this.#random.pick(connections);
    const { replica } = connection;
    if (this.#isLast(replica)) return;
    world.breakLink(connection, this.#keep);
    while (connection.toReplica.hasNext && !replica.core.isHeld(connection.atReplica)) {
      world.deliverToReplica(connection);
    }
    for (let count = this.#random.below(8); count > 0; count--) {
      const others = world.connections.filter((other) => other.replica === replica && other.toReplica.hasNext);
      if (others.length === 0) break;
      const other = this.#random.pick(others);
      if (!replica.core.isHeld(other.atReplica)) world.deliverToReplica(other);
    }
    world.turnOfReplica(replica, this.#random.below(12));
  }

  /** A liar takes a step, or begins to lie. */
  #lie(random: Random): void {
    if (this.#liarsLeft > 0 && random.chance(0.3)) {
      this.#liarsLeft--;
      this.#addLiar(random);
    }
    const hypocrite = this.#hypocrites[0];
    if (hypocrite !== undefined && random.chance(0.05)) {
      this.#hypocrites.shift();
      if (hypocrite.alive && !hypocrite.gone && hypocrite.lost === undefined) {
        this.#lies.set("begins to lie after it was honest", this.#lies.get("begins to lie after it was honest")! + 1);
        this.#liars.push(new Liar(this.#world, hypocrite));
      }
    }
    const liars = this.#liars.filter(({ client }) => client.alive && !client.stopped);
    if (liars.length === 0) return;
    const liar = random.pick(liars);
    for (let count = random.pick([1, 1, 2, 5]); count > 0; count--) this.#lying.act(liar);
    this.#turn();
  }

  #addLiar(random: Random): void {
    const client = this.#world.addClient(random.hex(32), `l${this.#world.clients.length + 1}`);
    if (random.chance(0.3)) this.#hypocrites.push(client);
    else this.#liars.push(new Liar(this.#world, client));
  }

  /** One replica alone gets a request with a small timestamp, and perhaps tells of it; then it, or another one, dies. */
  #whisperAndCrash(random: Random): void {
    const world = this.#world;
    const liars = this.#liars.filter(({ client }) => client.alive && !client.stopped);
    if (liars.length === 0) return;
    const replica = this.#lying.whisper(random.pick(liars));
    if (replica === undefined || replica.stopped) return;
    for (const connection of world.connections) {
      if (connection.replica !== replica || !this.#liars.some(({ client }) => client === connection.client)) continue;
      while (connection.toReplica.hasNext && !replica.core.isHeld(connection.atReplica)) {
        world.deliverToReplica(connection);
      }
    }
    world.turnOfReplica(replica);
    for (let count = random.below(8); count > 0; count--) {
      const mesh = world.deliverable((from, to) => from.startsWith("r") && to.startsWith("r"));
      if (mesh.length > 0) random.pick(mesh)();
      if (random.chance(0.5)) world.turnOfAll();
    }
    const victim = random.chance(0.3) ? replica : random.pick(world.livingMembers);
    if (victim === undefined || !victim.alive || this.#isLast(victim) || random.chance(0.5)) return;
    this.#lies.set("the smallest timestamp, and a death", this.#lies.get("the smallest timestamp, and a death")! + 1);
    world.crashReplica(victim, this.#keep);
    this.#turn();
  }

  #crashClient(): void {
    const client = this.#pickClient();
    if (!client.alive) return;
    if (!client.stopped && this.#random.chance(0.6)) {
      if (!client.gone && this.#random.chance(0.5)) this.#submit();
      this.#world.turnOfClient(client, this.#random.below(4));
    } else {
      this.#world.crashClient(client, this.#keep);
    }
  }

  #breakLink(): void {
    if (this.#world.connections.length === 0) return;
    this.#world.breakLink(this.#random.pick(this.#world.connections), this.#keep);
  }

  #stop(process: SimClient | SimReplica): void {
    process.stopped = true;
  }

  #wake(): void {
    const stopped = [...this.#world.replicas, ...this.#world.clients].filter(({ stopped }) => stopped);
    if (stopped.length > 0) this.#random.pick(stopped).stopped = false;
    this.#turn();
  }

  #end(): void {
    const client = this.#pickClient();
    if (client.alive && !this.#world.isLying(client) && this.#random.chance(0.3)) {
      client.core.end();
      this.#ending.add(client);
    }
    this.#turn();
  }

  // ---- The liveness phase ----

  /** Nothing fails any more; stopped clients stay so, and a stopped replica wakes, or is killed if another lives. */
  #heal(): void {
    const world = this.#world;
    this.#trace?.("(heal)");
    this.#slow.end(Infinity);
    for (const replica of world.living) {
      if (!replica.stopped || this.#random.chance(0.2)) continue;
      if (!this.#isLast(replica) && this.#random.chance(0.5)) world.crashReplica(replica, this.#keep);
      else replica.stopped = false;
    }
    // The launcher kills a replica that hangs, if another member answers.
    if (!world.livingMembers.some(({ stopped }) => !stopped)) {
      for (const replica of world.living) replica.stopped = false;
    }
    // Two processes with one session take it from each other for as long as both live.
    for (const client of world.clients) if (client.name.endsWith("'")) world.crashClient(client, this.#keep);
    for (const client of world.clients) if (client.stopped && this.#random.chance(0.5)) client.stopped = false;
    for (const { client } of this.#liars) {
      if (client.alive && this.#random.chance(0.3)) world.crashClient(client, this.#keep);
    }
    if (this.#durable) this.#coldStart();
    if (this.#refused !== undefined) return;

    this.#calm.settle();
  }
}
