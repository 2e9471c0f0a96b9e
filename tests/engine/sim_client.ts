/**
 * A client of a schedule: it sends commands by one session after the other, and sends each again until it knows what
 * has become of it, or has had enough.
 *
 * @module
 */

import { recordedAheadMsMax, sessionTtlMs } from "../../src/limits.ts";
import type { Random } from "../../src/simulator/random.ts";
import { claim, type Claims } from "./claims.ts";
import { commandBatch, readBatch, stateOf } from "./machine.ts";
import type { SimNode, Told } from "./sim_node.ts";

/** Commands of a session that a client has under way. */
const windowMax = 3;

const dayMs = 24 * 3_600_000;

/** A command whose outcome the client does not know yet. */
interface Open {
  readonly seq: number;
  readonly command: number;
  readonly since: number;
  readonly atMs: number;
  readonly isEnd: boolean;
  readonly recordedAtMs: number;
  /** Submissions of it that were not refused. */
  unrefused: number;
  /** Whether the present node has it. */
  isSent: boolean;
  isOver: boolean;
}

/** The place of a client: what it may use. */
export interface Surroundings {
  readonly random: Random;
  readonly claims: Claims;
  /** The nodes that live. */
  nodes(): readonly SimNode[];
  nowMs(): number;
  /** A number that no other command has. */
  newCommand(): number;
  count(what: string): void;
}

/** One client. */
export class SimClient {
  readonly #world: Surroundings;
  #client = "";
  #born = 0;
  #nextSeq = 1;
  #done = 0;
  #open: Open[] = [];
  #node: SimNode | undefined;
  #reads = 0;
  // Whether anything of the session was refused, or may have been lost: then a later command may be refused as a gap.
  #isWhole = true;
  #isEnding = false;
  #usedMs = 0;
  // Whether it sends anything new.
  isCalm = false;

  constructor(world: Surroundings) {
    this.#world = world;
  }

  /** What it waits for; undefined: nothing. */
  get waitsFor(): string | undefined {
    if (this.#open.length > 0) return `a client waits for command ${this.#open[0].command}`;
    return this.#reads > 0 ? "a client waits for a read" : undefined;
  }

  /** Does something, or nothing. */
  act(): void {
    const { random } = this.#world;
    if (this.#node === undefined || !this.#node.isAlive || random.chance(0.05)) this.#choose();
    if (this.#node === undefined) return;
    if (this.#client === "") this.#begin(this.#node);
    const canSubmit = !this.isCalm && !this.#isEnding && this.#open.length < windowMax;
    if (canSubmit && random.chance(0.6)) this.#submit();
    if (!this.isCalm && random.chance(0.3)) this.#read(this.#node);
    this.#sendAll();
    if (random.chance(0.02)) this.#giveUp();
  }

  #choose(): void {
    const nodes = this.#world.nodes().filter(({ isOpen }) => isOpen);
    const former = this.#node;
    this.#node = nodes.length === 0 ? undefined : this.#world.random.pick(nodes);
    if (this.#node === former) return;
    for (const open of this.#open) open.isSent = false;
  }

  /** Another session. */
  #begin(node: SimNode): void {
    const { random } = this.#world;
    this.#client = Array.from({ length: 4 }, () => random.below(2 ** 32).toString(16).padStart(8, "0")).join("");
    this.#born = node.core.place.n;
    this.#nextSeq = 1;
    this.#done = 0;
    this.#open = [];
    this.#isWhole = true;
    this.#isEnding = false;
    this.#usedMs = this.#world.nowMs();
  }

  #submit(): void {
    const { random, claims } = this.#world;
    const isEnd = this.#nextSeq > 1 && random.chance(0.02);
    const clockMs = this.#node?.clockMs ?? 0;
    this.#isEnding ||= isEnd;
    this.#open.push({
      seq: this.#nextSeq++,
      command: this.#world.newCommand(),
      since: claims.seen,
      atMs: this.#world.nowMs(),
      isEnd,
      recordedAtMs: clockMs + (random.chance(0.03) ? recordedAheadMsMax + dayMs : 0),
      unrefused: 0,
      isSent: false,
      isOver: false,
    });
  }

  #sendAll(): void {
    const node = this.#node;
    if (node === undefined) return;
    // In order: one that must be sent again brings those after it.
    const from = this.#open.findIndex(({ isSent }) => !isSent);
    if (from < 0) return;
    for (const open of this.#open.slice(from)) if (!open.isOver) this.#send(open, node);
  }

  #send(open: Open, node: SimNode): void {
    const { seq, command, isEnd, recordedAtMs } = open;
    const client = this.#client;
    open.isSent = true;
    if (open.unrefused++ > 0) this.#world.count("sent again");
    node.tell({
      kind: "submitted",
      request: {
        ticket: (told) => {
          if (client === this.#client && !open.isOver) this.#onTold(open, told, node);
        },
        client,
        born: this.#born,
        seq,
        done: this.#done,
        end: isEnd,
        commands: isEnd ? new Uint8Array(0) : commandBatch(command),
        recordedAtMs,
        deadlineMs: this.#world.nowMs() + 1_000,
      },
    });
  }

  #onTold(open: Open, told: Told, node: SimNode): void {
    this.#world.count(told.kind === "refused" ? `refused: ${told.refusal}` : told.kind);
    if (told.kind === "refused") return this.#onRefused(open, told.refusal, node);
    if (told.kind === "unknown") {
      open.isSent = false;
      if (node === this.#node) this.#choose();
      return;
    }
    this.#usedMs = open.atMs;
    claim(open.recordedAtMs <= node.clockMs + recordedAheadMsMax, `command ${open.command} is of the future`);
    if (!open.isEnd) {
      const { count, last } = stateOf(told.outputs);
      claim(count === told.index && last === open.command, `the output of command ${open.command} is of ${last}`);
      this.#world.claims.done(open.command, told.index, open.since);
    }
    open.isOver = true;
    while (this.#open[0]?.isOver) this.#done = this.#open.shift()!.seq;
    if (open.isEnd) this.#client = "";
  }

  #onRefused(open: Open, refusal: string, node: SimNode): void {
    open.unrefused--;
    open.isSent = false;
    if (refusal === "gap") {
      claim(!this.#isWhole, `command ${open.command} is refused as a gap, and all before it were submitted`);
    }
    this.#isWhole = false;
    if (refusal === "expired" || refusal === "ended") {
      // One that has executed nothing may be refused at once: the node where it was made may have been far behind.
      claim(this.#done === 0 || this.#world.nowMs() - this.#usedMs >= sessionTtlMs, "a session in use is forgotten");
      return this.#abandon();
    }
    claim(refusal !== "confirmed", `command ${open.command} is refused, as the client is said to have its output`);
    if (refusal === "clock") {
      claim(open.recordedAtMs > node.clockMs + recordedAheadMsMax, "a command of the present is refused");
      return this.#abandon();
    }
    if (open.command % 2 === 0 && this.#open.length === 1 && open.unrefused === 0 && !open.isEnd) this.#reuse(open);
    if (node === this.#node && this.#world.random.chance(0.3)) this.#choose();
  }

  /** A seq of which every submission was refused is as good as new. */
  #reuse({ seq, command }: Open): void {
    this.#world.claims.refused(command);
    this.#world.count("seq used again");
    this.#open = [];
    this.#nextSeq = seq;
  }

  #giveUp(): void {
    if (this.#open.length > 0) this.#abandon();
  }

  /** The session is over: what was refused each time was not executed, and of the others nobody knows. */
  #abandon(): void {
    for (const { command, unrefused, isOver } of this.#open) {
      if (isOver) continue;
      if (unrefused === 0) this.#world.claims.refused(command);
      this.#world.count(unrefused === 0 ? "told: not done" : "told: unknown");
    }
    this.#open = [];
    this.#client = "";
  }

  #read(node: SimNode): void {
    const { claims } = this.#world;
    const since = claims.seen;
    this.#reads++;
    const over = () => this.#reads--;
    let isOver = false;
    node.tell({
      kind: "asked",
      commands: readBatch,
      deadlineMs: this.#world.nowMs() + 800,
      ticket: (told) => {
        claim(!isOver, "a read is answered twice");
        isOver = true;
        over();
        if (told.kind !== "value") return this.#world.count("read refused");
        const { count, last } = stateOf(told.outputs);
        claim(count === told.index, "a value is from another state than it says");
        claims.read(count, last, since);
        this.#world.count("read");
      },
    });
    node.whenCrashed(() => {
      if (!isOver) over();
      isOver = true;
    });
  }
}
