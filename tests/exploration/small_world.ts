/**
 * A small world, and all that can happen in it.
 *
 * A message is delivered alone, and its receiver acts at once. Time does not pass: whatever must happen happens without
 * timers and leases, and nobody hangs. A link ends only with one of its processes.
 *
 * A liar is not a process. It has a link to each replica. Any frame of its alphabet may come from it at any moment, and
 * at last the end. The frames that replicas send to it count for nothing. So it may be silent for any time, and where
 * others wait for it in the end, its link ends, as by the lease.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { decode, encode } from "../../src/protocol/wire/codec.ts";
import { describe } from "../../src/simulator/describe.ts";
import type { Kind, Message } from "../../src/protocol/wire/messages.ts";
import type { Member } from "../../src/uid.ts";
import type { Size } from "./size.ts";
import { alphabet, liarName, liarsBeginning } from "./lies.ts";
import {
  ClientProcess,
  type Done,
  type Event,
  type LogEntry,
  type Process,
  ReplicaProcess,
  type Seen,
} from "./processes.ts";

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
  /** The view that a replica has told the liar. */
  readonly view: number | undefined;
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
  readonly reads: number;
  /** The last view that a replica has told the liar. */
  readonly view: number;
  readonly fault: string | undefined;
}

/** All processes, and what is on its way by each channel. */
export interface State {
  readonly processes: readonly Standing[];
  readonly channels: readonly (readonly MessageNumber[])[];
  readonly crashes: number;
  readonly lies: number;
}

/** Something that can happen. */
export type Move =
  | { readonly process: number; readonly kind: "message" | "end"; readonly channel: number }
  | { readonly process: number; readonly kind: "submit"; readonly seen: number }
  | { readonly process: number; readonly kind: "read"; readonly seen: number }
  /** A frame of the liar comes, or with the last number the end of its link. */
  | { readonly process: number; readonly kind: "lie"; readonly lie: number }
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
      lies: 0,
    };
    if (size.lies !== undefined) {
      for (let at = 0; at < replicas; at++) {
        for (const message of liarsBeginning) {
          const { told } = start.processes[at];
          const event: Event = { kind: "message", from: liarName, message };
          const core = this.#take(at, told);
          start = this.#moved(start, at, undefined, this.#stepped(at, told, event, core.step(event), core));
        }
      }
    }
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
  key({ processes, channels, crashes, lies }: State): string {
    let key = `${crashes},${lies}`;
    for (const { told, isDead, closed, log, outputs, submitted, reads } of processes) {
      key += isDead ? ";d" : `;${told.id},${submitted},${reads}`;
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
      const { isDead, closed, held, outputs, submitted, reads, fault } = processes[process];
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
      if (this.isReplica(process)) {
        const { lies: liesMax } = this.size;
        if (liesMax === undefined || closed.includes(liarName) || held.includes(liarName)) continue;
        for (let lie = state.lies < liesMax ? 0 : alphabet.length; lie <= alphabet.length; lie++) {
          moves.push({ process, kind: "lie", lie });
        }
        continue;
      }
      const answered = outputs.filter(({ read }) => read === undefined).length;
      if (submitted < this.size.commands && answered === submitted) {
        moves.push({ process, kind: "submit", seen: largestSeen(state) });
      }
      if (reads < (this.size.reads ?? 0)) moves.push({ process, kind: "read", seen: largestSeen(state) });
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
      return { ...state, processes, channels, crashes: state.crashes + 1 };
    }
    const event = this.#eventOf(state, move);
    const key = event.kind === "submit" || event.kind === "read"
      ? `${event.kind} ${event.seen}`
      : move.kind === "lie"
      ? `lie ${move.lie}`
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

  #eventOf(state: State, move: Exclude<Move, { kind: "crash" }>): Event {
    if (move.kind === "submit") return { kind: "submit", seen: move.seen };
    if (move.kind === "read") return { kind: "read", seen: move.seen };
    if (move.kind === "lie") {
      if (move.lie === alphabet.length) return { kind: "end", from: liarName };
      return { kind: "message", from: liarName, message: alphabet[move.lie](state.processes[move.process].view) };
    }
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
    if (event.kind === "read") return `${name} is given a read, when index ${event.seen} was seen`;
    return `${event.from} -> ${name}: ${event.kind === "end" ? "(end)" : describe(event.message)}`;
  }

  #moved(state: State, process: number, move: Move | undefined, { to, done, sent, view }: Step): State {
    const before = state.processes[process];
    const channels = [...state.channels];
    let { closed } = before;
    if (move?.kind === "message") channels[move.channel] = channels[move.channel].slice(1);
    const close = (other: string) => {
      closed = closed.includes(other) ? closed : [...closed, other];
      const channel = this.#numbers.get(`${other}>${this.names[process]}`);
      if (channel !== undefined) channels[channel] = [];
    };
    if (move?.kind === "lie" && move.lie === alphabet.length) close(liarName);
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
      reads: before.reads + (move?.kind === "read" ? 1 : 0),
      view: view ?? before.view,
      fault: done.fault,
    };
    const lies = state.lies + (move?.kind === "lie" && move.lie < alphabet.length ? 1 : 0);
    return { processes: state.processes.with(process, after), channels, crashes: state.crashes, lies };
  }

  #newTold(before: Told | undefined, by: Event | undefined): Told {
    return { id: this.#toldCount++, before, by, next: new Map() };
  }

  /** The step that a process has made, and what it is then. */
  #stepped(process: number, before: Told, by: Event | undefined, done: Done, core: Process): Step {
    let view: number | undefined;
    const sent: (readonly [number, MessageNumber])[] = [];
    for (const [to, message] of done.sent) {
      if (to !== liarName) sent.push([this.#numbers.get(`${this.names[process]}>${to}`)!, this.#numberOf(message)]);
      else if (message.kind === "VIEW") view = message.v;
    }
    const { content } = core;
    const key = `${process} ${content}`;
    let to = content === undefined ? undefined : this.#contents.get(key);
    if (to === undefined) {
      to = this.#newTold(before, by);
      if (content !== undefined) this.#contents.set(key, to);
      this.#left.set(to, core);
    }
    return { to, done, sent, view };
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
    if (this.isReplica(at)) {
      return new ReplicaProcess(at, this.#members, [...this.names.slice(this.size.replicas), liarName]);
    }
    return new ClientProcess(this.names[at].slice(1).padStart(32, "0"), this.#members);
  }
}

function standingOf(told: Told): Standing {
  return {
    told,
    isDead: false,
    held: [],
    closed: [],
    log: [],
    outputs: [],
    submitted: 0,
    reads: 0,
    view: 0,
    fault: undefined,
  };
}

/** The largest index of which any client has seen the output. */
function largestSeen({ processes }: State): number {
  let largest = 0;
  for (const { outputs } of processes) for (const { index } of outputs) largest = Math.max(largest, index);
  return largest;
}
