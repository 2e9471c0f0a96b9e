/**
 * A small world, and all that can happen in it.
 *
 * A message is delivered alone, and its receiver acts at once. Time does not pass: whatever must happen happens without
 * timers and leases, and nobody hangs. A link ends only with one of its processes.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { decode, encode } from "../../src/protocol/wire/codec.ts";
import { describe } from "../../src/simulator/describe.ts";
import type { Kind, Message } from "../../src/protocol/wire/messages.ts";
import type { Member } from "../../src/uid.ts";
import {
  ClientProcess,
  type Done,
  type Event,
  type LogEntry,
  type Process,
  ReplicaProcess,
  type Seen,
} from "./processes.ts";

/** How large a world is. */
export interface Size {
  /** Replicas at the start. */
  readonly replicas: number;
  /** Clients at the start, which have links to all replicas. */
  readonly clients: number;
  /** Commands that each client is given, one after the other. */
  readonly commands: number;
  /** How many processes may crash, of any kind; one replica is always left. */
  readonly crashes: number;
  /** Whether clients and replicas have greeted one another at the start, always in the same order. */
  readonly greeted?: boolean;
}

/** A message by its number: the same bytes have the same number. */
type MessageNumber = number;

/** What a process was told, or what came of it: see {@link Process.content}. */
interface Told {
  readonly id: number;
  /** One history that leads here. */
  readonly before: Told | undefined;
  readonly by: Event | undefined;
  /** What happens at each event. */
  readonly next: Map<string, Step>;
}

interface Step {
  readonly to: Told;
  readonly done: Done;
  readonly sent: readonly (readonly [channel: number, message: MessageNumber])[];
}

/** One process in a state of the world. */
interface Standing {
  readonly told: Told;
  readonly isDead: boolean;
  /** From whom it reads nothing at the moment. */
  readonly held: readonly string[];
  /** The links that it has closed, and those of which it was told the end. */
  readonly closed: readonly string[];
  readonly log: readonly LogEntry[];
  readonly outputs: readonly Seen[];
  readonly submitted: number;
  readonly fault: string | undefined;
}

/** All processes, and what is on its way by each channel. */
export interface State {
  readonly processes: readonly Standing[];
  readonly channels: readonly (readonly MessageNumber[])[];
  readonly crashes: number;
}

/** Something that can happen. */
export type Move =
  | { readonly process: number; readonly kind: "message" | "end"; readonly channel: number }
  | { readonly process: number; readonly kind: "submit"; readonly seen: number }
  /** It crashes. What it has sent may still arrive, or any tail of it is lost. */
  | { readonly process: number; readonly kind: "crash" };

/** All states, made as they are reached. */
export class SmallWorld {
  readonly size: Size;
  /** All replicas, then all clients. */
  readonly names: readonly string[];
  /** Where it begins. */
  readonly start: State;
  readonly #members: readonly Member[];
  readonly #channels: { readonly from: number; readonly to: number }[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #into: number[][];
  readonly #messages: Message[] = [];
  readonly #writer = new ByteWriter();
  // The processes as they are after what they were told, until they are told more.
  readonly #left = new Map<Told, Process>();
  readonly #contents = new Map<string, Told>();
  readonly #texts = new Map<string, number>();
  #toldCount = 0;

  /** Nothing has happened yet, but that each client has links to all replicas. */
  constructor(size: Size) {
    this.size = size;
    const { replicas, clients } = size;
    this.#members = Array.from({ length: replicas }, (_, id) => ({ id, address: `r${id}` }));
    this.names = [
      ...this.#members.map(({ address }) => address),
      ...Array.from({ length: clients }, (_, k) => `c${k + 1}`),
    ];
    this.#into = this.names.map(() => []);
    for (let from = 0; from < this.names.length; from++) {
      for (let to = 0; to < this.names.length; to++) {
        if (from === to || (from >= replicas && to >= replicas)) continue;
        this.#into[to].push(this.#channels.length);
        this.#numbers.set(`${this.names[from]}>${this.names[to]}`, this.#channels.length);
        this.#channels.push({ from, to });
      }
    }
    let start: State = {
      processes: this.names.map(() => standingOf(this.#newTold(undefined, undefined))),
      channels: this.#channels.map(() => []),
      crashes: 0,
    };
    for (let at = replicas; at < this.names.length; at++) {
      const client = this.#newProcess(at) as ClientProcess;
      const greeted = this.#stepped(at, start.processes[at].told, undefined, client.greet(), client);
      start = this.#moved(start, at, undefined, greeted);
    }
    if (size.greeted) {
      for (let move; (move = this.moves(start).find(({ kind }) => kind === "message")) !== undefined;) {
        start = this.after(start, move);
      }
    }
    this.start = start;
  }

  /** How many different states single processes were in. */
  get processStates(): number {
    return this.#toldCount;
  }

  /** The kinds of the messages that were sent. */
  get kinds(): Set<Kind> {
    return new Set(this.#messages.flatMap((message) => message?.kind ?? []));
  }

  /** Whether this process is a replica. */
  isReplica(process: number): boolean {
    return process < this.size.replicas;
  }

  /** The same text for the same state, and another one for another. */
  key({ processes, channels, crashes }: State): string {
    let key = `${crashes}`;
    for (const { told, isDead, closed, log, outputs } of processes) {
      key += isDead ? ";d" : `;${told.id}`;
      key += `,${this.#number(`${closed.toSorted()}|${JSON.stringify(log)}|${JSON.stringify(outputs)}`)}`;
    }
    for (const channel of channels) key += `;${channel.join()}`;
    return key;
  }

  #number(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size);
    return this.#texts.size - 1;
  }

  /** All that can happen next. */
  moves(state: State): Move[] {
    const { processes, channels } = state;
    const moves: Move[] = [];
    for (let process = 0; process < processes.length; process++) {
      const { isDead, closed, held, outputs, submitted, fault } = processes[process];
      if (isDead || fault !== undefined) continue;
      for (const channel of this.#into[process]) {
        const sender = this.#channels[channel].from;
        const name = this.names[sender];
        if (closed.includes(name) || held.includes(name)) continue;
        const isEmpty = channels[channel].length === 0;
        if (!isEmpty) moves.push({ process, kind: "message", channel });
        const isOver = isEmpty && processes[sender].closed.includes(this.names[process]);
        if (isOver || processes[sender].isDead) moves.push({ process, kind: "end", channel });
      }
      if (!this.isReplica(process) && submitted < this.size.commands && outputs.length === submitted) {
        moves.push({ process, kind: "submit", seen: largestSeen(state) });
      }
    }
    if (state.crashes < this.size.crashes) {
      const living = processes.filter(({ isDead }, at) => this.isReplica(at) && !isDead).length;
      for (let process = 0; process < processes.length; process++) {
        const isLast = this.isReplica(process) && living === 1;
        if (!processes[process].isDead && !isLast) moves.push({ process, kind: "crash" });
      }
    }
    return moves;
  }

  /** The state after a move. */
  after(state: State, move: Move): State {
    const { process } = move;
    if (move.kind === "crash") {
      const processes = state.processes.with(process, { ...state.processes[process], isDead: true, held: [] });
      // Nobody takes what was on its way to it.
      const channels = state.channels.map((channel, at) => this.#channels[at].to === process ? [] : channel);
      return { processes, channels, crashes: state.crashes + 1 };
    }
    const event = this.#eventOf(state, move);
    const key = event.kind === "submit"
      ? `s${event.seen}`
      : move.kind === "message"
      ? `${move.channel}:${state.channels[move.channel][0]}`
      : `${event.from} ends`;
    const { told } = state.processes[process];
    let step = told.next.get(key);
    if (step === undefined) {
      const core = this.#take(process, told);
      step = this.#stepped(process, told, event, core.step(event), core);
      told.next.set(key, step);
    }
    return this.#moved(state, process, move, step);
  }

  #eventOf(state: State, move: Move & { kind: "message" | "end" | "submit" }): Event {
    if (move.kind === "submit") return { kind: "submit", seen: move.seen };
    const from = this.names[this.#channels[move.channel].from];
    if (move.kind === "end") return { kind: "end", from };
    return { kind: "message", from, message: this.#messages[state.channels[move.channel][0]] };
  }

  /** A move as people read it. */
  describe(state: State, move: Move): string {
    const name = this.names[move.process];
    if (move.kind === "crash") return `${name} crashes`;
    const event = this.#eventOf(state, move);
    if (event.kind === "submit") return `${name} is given a command, when index ${event.seen} was seen`;
    return `${event.from} -> ${name}: ${event.kind === "end" ? "(end)" : describe(event.message)}`;
  }

  #moved(state: State, process: number, move: Move | undefined, { to, done, sent }: Step): State {
    const before = state.processes[process];
    const channels = [...state.channels];
    let { closed } = before;
    if (move?.kind === "message") channels[move.channel] = channels[move.channel].slice(1);
    const close = (other: string) => {
      closed = closed.includes(other) ? closed : [...closed, other];
      channels[this.#numbers.get(`${other}>${this.names[process]}`)!] = [];
    };
    if (move?.kind === "end") close(this.names[this.#channels[move.channel].from]);
    for (const [channel, message] of sent) {
      const { to } = this.#channels[channel];
      const other = state.processes[to];
      // A message is lost if its receiver has failed, or if either end has closed the link.
      if (other.isDead || other.closed.includes(this.names[process]) || closed.includes(this.names[to])) continue;
      channels[channel] = [...channels[channel], message];
    }
    done.closed.forEach(close);
    const after: Standing = {
      ...before,
      told: to,
      held: done.held,
      closed,
      log: done.log.length === 0 ? before.log : [...before.log, ...done.log],
      outputs: done.outputs.length === 0 ? before.outputs : [...before.outputs, ...done.outputs],
      submitted: before.submitted + (move?.kind === "submit" ? 1 : 0),
      fault: done.fault,
    };
    return { processes: state.processes.with(process, after), channels, crashes: state.crashes };
  }

  #newTold(before: Told | undefined, by: Event | undefined): Told {
    return { id: this.#toldCount++, before, by, next: new Map() };
  }

  /** The step that a process has made, and what it is then. */
  #stepped(process: number, before: Told, by: Event | undefined, done: Done, core: Process): Step {
    const sent = done.sent.map(([to, message]) => {
      const number = this.#numberOf(message);
      return [this.#numbers.get(`${this.names[process]}>${to}`)!, number] as const;
    });
    const { content } = core;
    const key = `${process} ${content}`;
    let to = content === undefined ? undefined : this.#contents.get(key);
    if (to === undefined) {
      to = this.#newTold(before, by);
      if (content !== undefined) this.#contents.set(key, to);
      this.#left.set(to, core);
    }
    return { to, done, sent };
  }

  #numberOf(message: Message): MessageNumber {
    this.#writer.clear();
    encode(this.#writer, message);
    const bytes = this.#writer.copy();
    const number = this.#number(`message ${bytes}`);
    this.#messages[number] ??= decode(bytes);
    return number;
  }

  /** A process after what it was told: as it was left, or run again. */
  #take(process: number, told: Told): Process {
    const left = this.#left.get(told);
    if (left !== undefined) {
      this.#left.delete(told);
      return left;
    }
    const events: Event[] = [];
    for (let at: Told | undefined = told; at !== undefined; at = at.before) if (at.by !== undefined) events.push(at.by);
    const core = this.#newProcess(process);
    if (core instanceof ClientProcess) core.greet();
    for (const event of events.reverse()) core.step(event);
    return core;
  }

  #newProcess(at: number): Process {
    if (this.isReplica(at)) return new ReplicaProcess(at, this.#members, this.names.slice(this.size.replicas));
    return new ClientProcess(this.names[at].slice(1).padStart(32, "0"), this.#members);
  }
}

function standingOf(told: Told): Standing {
  return { told, isDead: false, held: [], closed: [], log: [], outputs: [], submitted: 0, fault: undefined };
}

/** The largest index of which any client has seen the output. */
function largestSeen({ processes }: State): number {
  let largest = 0;
  for (const { outputs } of processes) for (const { index } of outputs) largest = Math.max(largest, index);
  return largest;
}
