/**
 * A replica on the network: listens, owns the links and the timer, and drives the {@link Replica}.
 *
 * All that is read in a turn of the event loop is stepped, and then what is ready is sent: one turn, one batch.
 *
 * @module
 */

import { lullMs, replicaTickMs } from "../../limits.ts";
import type { AuthEntry } from "../../access/auth_entries.ts";
import type { ClientMessage, Message, MessageOf } from "../../protocol/wire/messages.ts";
import { Replica } from "../../protocol/replica/replica.ts";
import type { Found } from "../../protocol/replica/recovery.ts";
import type { Executed } from "../../protocol/replica/executor.ts";
import type {
  DiskWrite,
  Ready,
  ReplicaEffect,
  ReplicaEvent,
  ReplicaOptions,
} from "../../protocol/replica/replica_events.ts";
import type { FilesFigures } from "../../files_words.ts";
import type { Snapshot } from "../../snapshot.ts";
import type { Member, ReplicaId } from "../../uid.ts";
import { clientIdOf } from "../client_id.ts";
import { mayDo } from "../../roles.ts";
import { type Link, LinkBudgets, type LinkHandler, splitAddress } from "../link.ts";
import { Admission, type Guest, whyNotFirst } from "../server/admission.ts";
import { CommitTimes } from "./commit_times.ts";
import { ClientLinks } from "../server/client_links.ts";
import { type DiskFigures, HistoryTurns, type ServedHistory } from "./history_turns.ts";
import { Mesh } from "./mesh.ts";
import { Copiers } from "../server/copier.ts";
import { whyForbidden } from "../server/rights.ts";
import { type StatusHost, StatusLinks } from "./status_links.ts";
import { Watchers } from "../server/watchers.ts";
import { Reception } from "../server/reception.ts";
import { Room } from "./room.ts";
import type { LinkId } from "../../protocol/wire/link_id.ts";

/** The disk of a replica: it keeps everything before the replica says it; see `storage/store.ts`. */
export interface Disk {
  /** Nothing was ever kept here. */
  readonly isEmpty: boolean;
  /** Work that is not urgent waits for a commit. */
  readonly isBusy: boolean;
  /** Queues a row of the journal. */
  append(row: Uint8Array): void;
  /** Begins to replace all present rows by a checkpoint, whose bytes may still have to come. */
  replace(checkpoint: Snapshot): void;
  /** How much room it has; absent, or undefined: nobody says. */
  room?(): DiskFigures | undefined;
  /**
   * Writes the queue, and a piece of the work that is not urgent; it is on the disk when this returns.
   *
   * @param isShort whether there is little room: then only the queue is written.
   * @returns whether this made a checkpoint whole.
   * @throws {Error} if it could not be written; the message is for people.
   */
  commit(isShort?: boolean): boolean;
  /** Makes the last commit safer, after a quiet time. */
  seal(): void;
}

/** How a replica on the network starts. */
export interface ReplicaServerOptions extends Omit<ReplicaOptions, "durable" | "log"> {
  /** The tokens that count, until {@link ReplicaServer.allow}. */
  readonly access: readonly AuthEntry[];
  /** Absent: all is in memory. */
  readonly disk?: Disk;
  /** The files of what the machine seals; absent: it seals nothing. */
  readonly history?: ServedHistory;
  /** Whether the start may be undone until {@link ReplicaServer.settle}: until then no file of history is deleted. */
  readonly mayBeUndone?: boolean;
  /** Where clients and replicas connect. */
  readonly listener: Pick<Deno.TcpListener, "accept" | "close">;
  /** Takes each executed request, in order, at the end of a turn. */
  readonly onExecuted?: (records: readonly Executed[]) => void;
  /** A newcomer has the state of a donor: its next command follows that many. */
  readonly onRestored?: (executed: number) => void;
  /** The link to a replica ended: a suspicion, for the failure detector to check. */
  readonly onSuspect: (id: ReplicaId) => void;
  readonly onInstalled: (v: number, members: readonly Member[]) => void;
  /** Takes a sentence for the owner of the disk, who can do something. */
  readonly onComplaint?: (message: string) => void;
  /** What it says of its log; absent: it writes none. */
  readonly log?: () => Pick<FilesFigures, "isLogFailing" | "logMissing">;
  /** The replica takes no part any more. */
  readonly onHalt: (reason: string) => void;
}

/** A replica that serves clients. */
export class ReplicaServer {
  readonly #options: ReplicaServerOptions;
  readonly #core: Replica;
  readonly #mesh: Mesh;
  readonly #clients = new ClientLinks((id, link) => {
    link.abort();
    this.#lost(id);
  });
  // Those that are not read for now.
  readonly #held = new Set<LinkId>();
  readonly #admission: Admission;
  readonly #reception: Reception;
  // Links without a session, which change nothing, and for which nothing waits.
  readonly #readers: { readonly COPY: Copiers; readonly WATCH: Watchers; readonly STATUS: StatusLinks };
  readonly #history: HistoryTurns | undefined;
  // Whether no other state of this replica can come back: for its history.
  #isInstalled: boolean;
  #isSettled: boolean;
  #turnIsDue = false;
  #laterTimer: ReturnType<typeof setTimeout> | undefined;
  #lullTimer: ReturnType<typeof setTimeout> | undefined;
  #tickedAt = performance.now();
  #isClosed = false;
  readonly #commits = new CommitTimes();
  readonly #room: Room;
  // Nothing was written since the last tick.
  #isQuiet = true;
  // The effects that wait until the replica's first state is on its disk, which may take many commits.
  #unperformed: Ready[] | undefined;
  readonly #begun = Promise.withResolvers<void>();
  readonly #timer: ReturnType<typeof setInterval>;
  #coreTimer: ReturnType<typeof setTimeout> | undefined;
  #coreTickedAt = performance.now();

  /** Begins to accept links and connects to the members that have smaller ids. */
  constructor(options: ReplicaServerOptions) {
    this.#options = options;
    this.#room = new Room(() => options.disk?.room?.());
    const { history, machine, joining = false, recovered, mayBeUndone = false, onComplaint = () => {} } = options;
    const served = machine.sealed === undefined ? undefined : history;
    this.#core = new Replica({
      ...options,
      sealedHistory: served && (served.history.isDamaged ? "lacking" : "whole"),
      durable: options.disk !== undefined,
      log: options.onExecuted !== undefined,
    });
    this.#history = served && new HistoryTurns({
      machine,
      history: served,
      newcomer: !this.#core.isNewcomer ? undefined : {
        lacks: (n, segment, part) => this.#step({ kind: "lacks", n, segment, part }),
        refused: (n) => this.#step({ kind: "refused", n }),
        obtained: (n) => this.#step({ kind: "obtained", n }),
      },
      send: (to, part) => this.#mesh.send(to, part),
      ask: (segment, part, other) => this.#step({ kind: "wants", segment, part, other }),
      hasJournal: options.disk !== undefined,
      sealed: (segment) => this.#step({ kind: "sealed", segment }),
      say: onComplaint,
      halt: (reason) => this.#fail(reason),
    });
    this.#isInstalled = !joining && recovered === undefined;
    this.#isSettled = !mayBeUndone;
    const own = options.members.find(({ id }) => id === options.id)!;
    this.#admission = new Admission({ ...options, port: splitAddress(own.address).port });
    this.#reception = new Reception({
      listener: options.listener,
      budgets: new LinkBudgets(),
      admission: this.#admission,
      introduce: (link, message, guest) => this.#introduce(link, message, guest),
      overflowed: () => this.#clients.overflowed(),
    });
    const core = this.#core;
    const reader: StatusHost = {
      words: { kind: "replica", notYet: "it is not a member of a view yet" },
      cluster: options.cluster,
      core,
      get database() {
        return core.database;
      },
      history: this.#history,
      files: () => this.#files(),
      refuse: (link, reason, cluster?: string) => this.#reception.refuse(link, reason, cluster),
      schedule: () => this.#schedule(),
      scheduleLater: () => this.#scheduleLater(),
    };
    this.#readers = { COPY: new Copiers(reader), WATCH: new Watchers(reader), STATUS: new StatusLinks(reader) };
    this.#mesh = new Mesh(options, {
      step: (event) => this.#step(event),
      suspect: options.onSuspect,
      refuse: (link, reason) => this.#reception.refuse(link, reason),
    });
    this.#mesh.open();
    // Its first state is on the disk before it says anything.
    this.#turn();
    if (this.#unperformed === undefined) this.#open();
    this.#tellInstalled();
    this.#timer = setInterval(() => this.#tick(), replicaTickMs / 2);
  }

  /** Resolves when it has a link to every other member, and its first state on its disk. */
  get meshed(): Promise<void> {
    return this.#begun.promise.then(() => this.#mesh.meshed);
  }

  /** The status of this replica. */
  status(): MessageOf<"STATUS_IS"> {
    return this.#readers.STATUS.status();
  }

  /** Whether its disk has so little room that it takes no changes (rule D9). */
  get isShort(): boolean {
    return this.#room.isShort;
  }

  #lookForRoom(now: number): void {
    const change = this.#room.look(now);
    if (change === undefined) return;
    this.#core.step({ kind: "room", isShort: this.isShort });
    this.#history?.room(this.isShort);
    this.#options.onComplaint?.(change);
  }

  #files(): FilesFigures | undefined {
    const { log, disk } = this.#options;
    if (log === undefined && disk === undefined) return undefined;
    return {
      isLogFailing: false,
      logMissing: 0,
      ...log?.(),
      isShort: this.isShort,
      commitMicros: this.#commits.meanMicros,
    };
  }

  /**
   * How much of the data a newcomer has, from 0 to 1; undefined: no donor feeds it, or it is not a newcomer.
   */
  get restored(): number | undefined {
    return this.#core.restored;
  }

  /**
   * How much of the sealed history that a newcomer wants is there, from 0 to 1; undefined: it wants none now.
   */
  get obtained(): number | undefined {
    return this.#history?.obtained;
  }

  /** Whether a part of its sealed history is damaged, and not healed yet. */
  get lacksHistory(): boolean {
    return this.#history?.isDamaged ?? false;
  }

  /** The failure detector's word: this replica is dead, for certain. */
  declareDead(id: ReplicaId): void {
    this.#mesh.declareDead(id);
  }

  /** Other tokens count from now on; links that came in by one that does not are cut at once. */
  allow(access: readonly AuthEntry[]): void {
    this.#cut(this.#admission.replace(access), "its token was revoked or changed");
  }

  /** The start has succeeded: nobody brings back what was here before it. */
  settle(): void {
    this.#isSettled = true;
    this.#tellInstalled();
  }

  #tellInstalled(): void {
    if (this.#isInstalled && this.#isSettled && !this.#isClosed) this.#history?.viewInstalled();
  }

  /**
   * Takes nothing more from clients, and lets no newcomer in. The members execute what they have by then, with a flush
   * if they need one, and come to the same state.
   */
  rest(): void {
    if (this.#isClosed) return;
    this.#reception.close();
    for (const each of Object.values(this.#readers)) each.close();
    for (const id of this.#clients.abortAll()) this.#core.step({ kind: "linkClosed", link: id });
    this.#held.clear();
    this.#schedule();
  }

  /**
   * Finishes its work, and stops.
   *
   * @returns the state on the disk of this member; undefined: it has no disk, is not a member, or could not write
   * everything.
   */
  finish(): Found | undefined {
    if (this.#isClosed) return undefined;
    this.#core.end();
    this.#turn();
    const { found } = this.#core;
    const isKept = this.#options.disk !== undefined && this.#unperformed === undefined && !this.#isClosed;
    this.close();
    return isKept ? found : undefined;
  }

  /** Stops everything at once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#coreTimer);
    clearTimeout(this.#laterTimer);
    clearTimeout(this.#lullTimer);
    this.#history?.close();
    this.#reception.close();
    this.#clients.abortAll();
    for (const each of Object.values(this.#readers)) each.close();
    this.#mesh.close();
  }

  // ---- New links ----

  /** The first frame of a link tells what the link is about. */
  #introduce(link: Link, message: Message, guest: Guest): LinkHandler | undefined {
    const why = whyNotFirst(message, guest);
    if (why !== undefined) {
      this.#reception.refuse(link, why);
      return undefined;
    }
    switch (message.kind) {
      case "HELLO":
        return this.#introduceClient(link, message, guest);
      case "PEER":
        return this.#mesh.introduce(link, message);
      case "COPY":
        return this.#readers.COPY.introduce(link, message);
      case "WATCH":
        return this.#readers.WATCH.introduce(link, message);
      case "STATUS":
        return this.#readers.STATUS.introduce(link, message, mayDo(guest.role, "operate") ? undefined : guest);
    }
  }

  #introduceClient(link: Link, { secret, cluster, done }: MessageOf<"HELLO">, guest: Guest): LinkHandler | undefined {
    const id = this.#clients.add(link);
    if (id === undefined) {
      this.#reception.refuse(link, `it serves ${this.#clients.size} clients already, all of them busy`);
      return undefined;
    }
    this.#step({ kind: "hello", link: id, client: clientIdOf(secret), cluster, done });
    return {
      onMessage: (_, message) => this.#onClientMessage(id, link, message, guest),
      onClosed: () => this.#lost(id),
    };
  }

  #lost(id: LinkId): void {
    this.#forget(id);
    this.#step({ kind: "linkClosed", link: id });
  }

  #forget(id: LinkId): void {
    this.#clients.delete(id);
    this.#held.delete(id);
  }

  /** Ends the links that a question is true of. */
  #cut(isOver: (link: Link) => boolean, reason: string): void {
    for (const link of this.#reception.admitted) if (isOver(link)) this.#reception.refuse(link, reason);
    for (const [id, link] of this.#clients.all) {
      if (!isOver(link)) continue;
      this.#lost(id);
      this.#reception.refuse(link, reason);
    }
    for (const each of Object.values(this.#readers)) each.cut(isOver, reason);
  }

  #onClientMessage(id: LinkId, link: Link, message: Message, guest: Guest): void {
    this.#clients.heard(id);
    switch (message.kind) {
      case "REQUEST": {
        const why = whyForbidden(this.#options.machine, message.commands, guest);
        if (why === undefined) return this.#fromClient(id, link, message);
        this.#lost(id);
        return this.#reception.forbid(link, why);
      }
      case "HELLO":
      case "RESUME":
      case "CLOCK":
      case "READ":
        return this.#fromClient(id, link, message);
      default:
        this.#lost(id);
        this.#reception.refuse(link, `${message.kind} is not a message that a client sends`);
    }
  }

  #fromClient(id: LinkId, link: Link, message: ClientMessage): void {
    this.#step({ kind: "fromClient", link: id, message });
    if (!this.#core.isHeld(id)) return;
    this.#held.add(id);
    link.pause();
  }

  // ---- Turns ----

  #step(event: ReplicaEvent): void {
    if (this.#reading(() => this.#core.step(event))) this.#schedule();
  }

  /** Does what may read sealed history. Returns false if that is damaged: then the replica says nothing more. */
  #reading(use: () => void): boolean {
    try {
      use();
      return true;
    } catch (error) {
      if (!(error instanceof Error && this.#options.history?.isFault(error))) throw error;
      this.#fail(error.message);
      return false;
    }
  }

  #fail(reason: string): void {
    this.close();
    this.#options.onHalt(reason);
  }

  #tick(): void {
    const now = performance.now();
    const elapsedMs = now - this.#tickedAt;
    this.#tickedAt = now;
    this.#clients.pass(Math.min(elapsedMs, replicaTickMs));
    for (const each of Object.values(this.#readers)) each.pass(elapsedMs);
    this.#history?.pass(elapsedMs);
    if (this.#admission.hasExpired) this.#cut((link) => this.#admission.isOver(link), "its token has expired");
    // What it takes over from the others would take the room that they need.
    if (this.isShort && this.#core.isNewcomer && !this.#isClosed) {
      return this.#fail("its disk has too little room for the data of the others: make room on it");
    }
    if (this.#isQuiet && !this.#isClosed) this.#onDisk((disk) => disk.seal());
    this.#isQuiet = true;
    this.#coreTimer ??= setTimeout(() => this.#tickCore(), Math.random() * replicaTickMs / 2);
    this.#schedule();
  }

  /**
   * The core looks at what is waited for (R6) at a moment that no client can foresee, and after the sockets were read:
   * the head may wait for a frame that has come while the process was busy.
   */
  #tickCore(): void {
    this.#coreTimer = undefined;
    const now = performance.now();
    this.#step({ kind: "tick", elapsedMs: now - this.#coreTickedAt });
    this.#coreTickedAt = now;
  }

  /** Everything that is read in this turn is stepped before the microtask runs. */
  #schedule(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    queueMicrotask(() => this.#turn());
  }

  /** Schedules a turn after the sockets were read. */
  #scheduleLater(): void {
    this.#laterTimer ??= setTimeout(() => {
      this.#laterTimer = undefined;
      this.#schedule();
    }, 0);
  }

  #turn(): void {
    this.#turnIsDue = false;
    if (this.#isClosed) return;
    this.#lookForRoom(performance.now());
    let ready: Ready | undefined;
    if (!this.#reading(() => ready = this.#core.ready()) || ready === undefined) return;
    if (this.#options.disk !== undefined && !this.#write(this.#options.disk, ready.writes)) return;
    if (this.#unperformed !== undefined) this.#unperformed.push(ready);
    else this.#performAll(ready);
    this.#history?.turned(ready.writes.length + ready.effects.length > 0);
    this.#resume();
    if (ready.wantsLull && this.#lullTimer === undefined) this.#awaitLull(performance.now() + lullMs);
  }

  /** Reads on where nothing speaks against it any more. */
  #resume(): void {
    for (const id of this.#held) {
      if (this.#core.isHeld(id)) continue;
      this.#held.delete(id);
      this.#clients.get(id)?.resume();
    }
  }

  /** Waits for a lull. If it comes late, the sockets are read first: what is waited for may be there. */
  #awaitLull(dueAt: number): void {
    this.#lullTimer = setTimeout(() => {
      this.#lullTimer = undefined;
      if (performance.now() > dueAt + lullMs) this.#awaitLull(Infinity);
      else this.#step({ kind: "lull" });
    }, lullMs);
  }

  #performAll({ restored, executed, effects }: Ready): void {
    if (restored !== undefined) {
      this.#history?.restored();
      this.#options.onRestored?.(restored);
    }
    // This comes before any output: a line in a log is never a mere promise.
    if (executed.length > 0) this.#options.onExecuted!(executed);
    // In each turn: a list of them would have to be made.
    this.#readers.COPY.serve();
    this.#readers.WATCH.serve();
    this.#readers.STATUS.serve();
    for (const effect of effects) this.#perform(effect);
  }

  /** Writes before the replica speaks. Returns false if the disk fails: then the replica says nothing more. */
  #write(disk: Disk, writes: readonly DiskWrite[]): boolean {
    // Its first state is on the disk before anything else.
    const isShort = this.isShort && this.#unperformed === undefined;
    const isDue = (disk.isBusy && !isShort) || writes.length > 0;
    for (const write of writes) {
      if (write.kind === "journal") {
        disk.append(write.bytes);
        this.#isQuiet = false;
      } else {
        if (disk.isEmpty && !this.#options.joining) this.#unperformed ??= [];
        disk.replace(write.snapshot);
        this.#history?.checkpointBegins();
      }
    }
    if (!isDue) return true;
    let isWhole = false;
    const begunAt = performance.now();
    if (!this.#onDisk(() => isWhole = disk.commit(isShort))) return false;
    this.#commits.took(performance.now() - begunAt);
    if (isWhole) {
      this.#core.step({ kind: "checkpointed" });
      this.#history?.checkpointed();
      this.#begin();
      this.#schedule();
    }
    if (disk.isBusy && !isShort) this.#scheduleLater();
    return true;
  }

  /** The first state is on the disk: the replica may say what waited for that, and accept links. */
  #begin(): void {
    if (this.#unperformed === undefined) return;
    const turns = this.#unperformed;
    this.#unperformed = undefined;
    for (const ready of turns) this.#performAll(ready);
    // In the turn of the constructor, that does it.
    if (this.#timer !== undefined) this.#open();
  }

  #open(): void {
    this.#reception.open();
    this.#begun.resolve();
  }

  #onDisk(use: (disk: Disk) => void): boolean {
    if (this.#options.disk === undefined) return true;
    try {
      use(this.#options.disk);
      return true;
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #perform(effect: ReplicaEffect): void {
    switch (effect.kind) {
      case "toClient":
        return this.#clients.get(effect.link)?.send(effect.message);
      case "toReplica":
        return this.#mesh.send(effect.to, effect.message);
      case "closeLink": {
        const link = this.#clients.get(effect.link);
        if (link === undefined) return;
        this.#forget(effect.link);
        return this.#reception.refuse(link, effect.reason, effect.cluster);
      }
      case "installed":
        if (effect.members.some(({ id }) => id === this.#options.id)) this.#isInstalled = true;
        this.#tellInstalled();
        return this.#options.onInstalled(effect.v, effect.members);
      case "named":
        return this.#history?.named(effect.segment);
      case "obtain":
        return this.#history?.obtain(effect.n, effect.segments);
      case "part":
        return this.#history?.came(effect);
      case "lacked":
        return this.#history?.lacked();
      case "nobody":
        return this.#history?.nobody();
      case "give":
        return this.#history?.give(effect.to, effect);
      case "halt":
        return this.#options.onHalt(effect.reason);
      default:
        effect satisfies never;
    }
  }
}
