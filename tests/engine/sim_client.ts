/**
 * A client of a schedule: the code of `src/engine/client`, driven as a process drives it, and what its program does.
 *
 * @module
 */

import { itemsOf } from "../../src/batch.ts";
import { recordedAheadMsMax } from "../../src/limits.ts";
import { NodeCaller } from "../../src/engine/client/caller.ts";
import type { CallerEffect, CallerEvent, SaidMessage } from "../../src/engine/client/caller_events.ts";
import { claim, type Claims } from "./claims.ts";
import { Heard } from "./heard.ts";
import { commandItem, readItem, stateIn } from "./machine.ts";
import { simClientOf, SimLink, type SimNetwork } from "./sim_link.ts";

/** Commands that a program waits for at a time. */
const waitedForMax = 6;

/** Bytes that an output of the tests can have. */
const outputBytesMax = 16;

const dayMs = 24 * 3_600_000;

/** Turns without anything to do, after which a caller wants to be woken for ever. */
const idleTurnsMax = 50;

/** A command that the program waits for. */
interface WaitedFor {
  readonly command: number;
  readonly isRead: boolean;
  /** The commands of the client are numbered in the order in which it has submitted them; of a read, those before. */
  readonly ordinal: number;
  /** What anybody had seen when it was submitted. */
  readonly since: number;
  isTold: boolean;
}

/** The place of a client: what it may use. */
export interface Surroundings extends SimNetwork {
  readonly claims: Claims;
  /** A number that no other command has; it says that it was recorded that many milliseconds ahead. */
  newCommand(aheadMs: number): number;
}

/** One client. */
export class SimClient {
  readonly #world: Surroundings;
  #core: NodeCaller<WaitedFor>;
  #heard: Heard;
  #link: { readonly id: number; readonly link: SimLink } | undefined;
  #waitedFor: WaitedFor[] = [];
  // The index of each command by its ordinal, if it has an output.
  readonly #indexes: (number | undefined)[] = [];
  #isEnding = false;
  #wakesAt = Infinity;
  #idleTurns = 0;
  // Whether it submits anything new.
  isCalm = false;

  constructor(world: Surroundings) {
    this.#world = world;
    this.#heard = new Heard(world);
    this.#core = this.#newCore();
  }

  #newCore(): NodeCaller<WaitedFor> {
    const { random, addresses } = this.#world;
    const digits = () => random.below(2 ** 32).toString(16).padStart(8, "0");
    const newSession = () => {
      const secret = Array.from({ length: 8 }, digits).join("");
      return { secret, client: simClientOf(secret) };
    };
    const named = random.shuffled(addresses).slice(0, random.between(1, addresses.length));
    return new NodeCaller<WaitedFor>({ addresses: named, newSession });
  }

  /** What it waits for; undefined: nothing. */
  get waitsFor(): string | undefined {
    const [first] = this.#waitedFor;
    if (first !== undefined) return `a client waits for ${first.isRead ? "a read" : `command ${first.command}`}`;
    const { waitsFor } = this.#core.inspect();
    return waitsFor === undefined || this.#isEnding ? undefined : `a caller waits for ${waitsFor}`;
  }

  /** Does something, or nothing. */
  act(): void {
    const { random, count } = this.#world;
    this.#tick();
    if (!this.isCalm && !this.#isEnding) {
      if (this.#waitedFor.length < waitedForMax && random.chance(0.6)) {
        for (let some = random.between(1, 3); some > 0; some--) this.#submit();
      }
      if (random.chance(0.3)) this.#read();
      const one = this.#waitedFor.at(0);
      if (one !== undefined && random.chance(0.01)) {
        this.#core.giveUp(one, "aborted");
        count("aborted");
      }
      if (random.chance(0.003)) {
        this.#core.abandon("abandoned");
        count("abandoned");
      }
      if (random.chance(0.01)) {
        this.#core.end();
        this.#isEnding = true;
      }
    }
    this.#turn();
  }

  #submit(): void {
    const { random, newCommand } = this.#world;
    const command = newCommand(random.chance(0.02) ? recordedAheadMsMax + dayMs : 0);
    const waited = this.#wait(command, false);
    this.#indexes.push(undefined);
    this.#core.submit(commandItem(command), outputBytesMax, waited, this.#waitMs);
  }

  #read(): void {
    this.#core.read(readItem, outputBytesMax, this.#wait(0, true), this.#waitMs);
  }

  get #waitMs(): number | undefined {
    const { random } = this.#world;
    return random.chance(0.1) ? random.between(20, 1_500) : undefined;
  }

  #wait(command: number, isRead: boolean): WaitedFor {
    const since = this.#world.claims.seen;
    const waited = { command, isRead, ordinal: this.#indexes.length, since, isTold: false };
    this.#waitedFor.push(waited);
    return waited;
  }

  // ---- The caller ----

  #tick(): void {
    this.#core.step({ kind: "tick", nowMs: this.#world.agenda.nowMs });
  }

  #step(event: CallerEvent): void {
    this.#tick();
    this.#core.step(event);
    this.#turn();
  }

  #turn(): void {
    const effects = this.#core.ready();
    this.#core.invariants();
    for (const effect of effects) this.#perform(effect);
    this.#idleTurns = effects.length > 0 ? 0 : this.#idleTurns + 1;
    this.#sleep();
  }

  /** Has the caller woken when it wants to be, and not for ever. */
  #sleep(): void {
    const { agenda } = this.#world;
    const wakeAt = this.#core.wakeAt();
    if (wakeAt === undefined || wakeAt >= this.#wakesAt && this.#wakesAt > agenda.nowMs) return;
    claim(wakeAt > agenda.nowMs || this.#idleTurns < idleTurnsMax, "a caller wants to be woken for ever");
    this.#wakesAt = wakeAt;
    agenda.after(Math.max(0, wakeAt - agenda.nowMs), () => {
      if (this.#wakesAt !== wakeAt) return;
      this.#wakesAt = Infinity;
      this.#tick();
      this.#turn();
    });
  }

  #perform(effect: CallerEffect<WaitedFor>): void {
    const { count } = this.#world;
    switch (effect.kind) {
      case "dial":
        return this.#dial(effect.link, effect.address);
      case "send":
        return this.#send(effect.message, effect.link);
      case "close":
        this.#link?.link.close();
        this.#link = undefined;
        return;
      case "outputs": {
        for (const [at, output] of [...itemsOf(effect.outputs)].entries()) {
          this.#onOutput(effect.tickets[at], output, effect.index + at);
        }
        return;
      }
      case "values": {
        for (const [at, output] of [...itemsOf(effect.outputs)].entries()) {
          this.#onValue(effect.tickets[at], output, effect.index);
        }
        return;
      }
      case "unknown":
        for (const waited of effect.tickets) {
          claim(!waited.isRead, "the outcome of a read is unknown");
          count("told: unknown");
          this.#tell(waited);
        }
        return;
      case "notExecuted":
        for (const waited of effect.tickets) {
          count(waited.isRead ? "told: not read" : "told: not done");
          if (!waited.isRead) this.#world.claims.refused(waited.command);
          this.#tell(waited);
        }
        return;
      case "left":
        return count(effect.reason.startsWith("gave no outcome") ? "left: silence" : "left");
      case "expired":
        return count("expired");
      case "ended":
        count("ended");
        this.#link?.link.close();
        this.#link = undefined;
        this.#core = this.#newCore();
        this.#isEnding = false;
        return;
      case "reached":
        return count("reached");
      case "unreachable":
        return count("unreachable");
      case "stranger":
      case "forbidden":
        return claim(false, `there is no reason for the effect "${effect.kind}"`);
      default:
        effect satisfies never;
    }
  }

  #dial(id: number, address: string): void {
    claim(this.#link === undefined, "a caller has two links");
    const isStill = () => this.#link?.id === id;
    const link: SimLink = new SimLink(this.#world, address, {
      onOpened: () => isStill() && this.#step({ kind: "opened", link: id }),
      onMessage: (message) => {
        if (!isStill()) return;
        this.#heard.hears(message, link.node);
        this.#step({ kind: "received", link: id, message });
      },
      onClosed: (reason) => {
        if (!isStill()) return;
        this.#link = undefined;
        this.#step({ kind: "closed", link: id, reason });
      },
    });
    this.#link = { id, link };
  }

  #secret = "";

  #send(message: SaidMessage, id: number): void {
    claim(this.#link?.id === id, "a caller sends by a link that it does not have");
    if (message.kind === "HELLO" && message.secret !== this.#secret) {
      this.#secret = message.secret;
      this.#heard = new Heard(this.#world);
      this.#world.count("session");
    }
    this.#heard.says(message);
    this.#link?.link.send(message);
  }

  // ---- What the program is told ----

  #tell(waited: WaitedFor): void {
    claim(!waited.isTold, `command ${waited.command} has two outcomes`);
    waited.isTold = true;
    this.#waitedFor = this.#waitedFor.filter((other) => other !== waited);
  }

  #onOutput(waited: WaitedFor | undefined, output: Uint8Array, index: number): void {
    if (waited === undefined) return this.#world.count("output that nobody waits for");
    const { command, ordinal, since } = waited;
    const { count, last } = stateIn(output);
    claim(count === index && last === command, `the output of command ${command} is of ${last}`);
    this.#world.claims.done(command, index, since);
    for (const [other, at = other < ordinal ? 0 : Infinity] of this.#indexes.entries()) {
      claim(other === ordinal || at < index === other < ordinal, `command ${command} has overtaken one of its client`);
    }
    this.#indexes[ordinal] = index;
    this.#tell(waited);
  }

  #onValue(waited: WaitedFor | undefined, output: Uint8Array, index: number): void {
    if (waited === undefined) return;
    const { count, last } = stateIn(output);
    claim(count === index, "a value is from another state than it says");
    this.#world.claims.read(count, last, waited.since);
    const waits = this.#waitedFor.some(({ isRead, ordinal }) => !isRead && ordinal < waited.ordinal);
    claim(!waits, "a read is answered before a command that was submitted before it has an outcome");
    const own = this.#indexes.slice(0, waited.ordinal).reduce<number>((most, at = 0) => Math.max(most, at), 0);
    claim(index >= own, "a read does not see a command of its client that came before it");
    this.#tell(waited);
  }
}
