/**
 * A node of a schedule: the code of `src/engine/core`, driven as a process drives it.
 *
 * @module
 */

import { NodeCore } from "../../src/engine/core/node_core.ts";
import type { NodeEffect, NodeEvent } from "../../src/engine/core/node_events.ts";
import type { NodeRefusal } from "../../src/engine/core/order.ts";
import { restoreAll } from "../../src/snapshot.ts";
import { claim, type Claims } from "./claims.ts";
import type { Agenda } from "./events.ts";
import type { FakeEngine } from "./fake_engine.ts";
import { Counter } from "./machine.ts";

/** What somebody is told who asked a node. */
export type Told =
  | { readonly kind: "output" | "value"; readonly index: number; readonly outputs: Uint8Array }
  | { readonly kind: "refused"; readonly refusal: NodeRefusal; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

/** Is told what has become of a submission. */
export interface Ticket {
  (told: Told): void;
  /** The node refuses it, whether anybody hears that or not. */
  readonly onRefusal?: (refusal: NodeRefusal) => void;
}

/** One start of one node. */
export class SimNode {
  readonly name: string;
  readonly core: NodeCore<Ticket>;
  isAlive = true;
  isOpen = false;
  readonly #onCrash: (() => void)[] = [];
  readonly #skewMs: number;
  readonly #engine: FakeEngine;
  readonly #agenda: Agenda;

  constructor(name: string, skewMs: number, engine: FakeEngine, agenda: Agenda, claims: Claims) {
    this.name = name;
    this.#skewMs = skewMs;
    this.#engine = engine;
    this.#agenda = agenda;
    const machine = new Counter();
    machine.onCommand = (index, command) => claims.executed(index, command);
    let asked = 0;
    // Now and then a turn ends before all reads have an answer.
    const hasTime = () => ++asked % 5 > 0;
    this.core = new NodeCore<Ticket>({ node: name, machine, epochBytes: engine.faults.epochBytes, hasTime });
    this.restore();
    this.#tick();
  }

  get clockMs(): number {
    return 1_000_000 + this.#agenda.nowMs + this.#skewMs;
  }

  /** Opens the order: the latest snapshot, and the records after it. */
  restore(): void {
    this.#agenda.after(20, () => {
      if (!this.isAlive) return;
      const latest = this.#engine.latest;
      this.isOpen = true;
      if (latest !== undefined && latest.cut.n >= this.core.place.n) {
        restoreAll(this.core.restoring(latest.cut), latest.bytes);
      }
      this.tell({ kind: "restored", bytes: latest?.bytes.length ?? 0 });
    });
  }

  crash(): void {
    this.isAlive = false;
    this.#engine.forget(this);
    for (const run of this.#onCrash) run();
  }

  /** Calls back when the node crashes. */
  whenCrashed(run: () => void): void {
    this.#onCrash.push(run);
  }

  #tick(): void {
    if (!this.isAlive) return;
    this.#turn();
    this.#agenda.after(100, () => this.#tick());
  }

  /** Tells the node something, and does what it wants. */
  tell(event: NodeEvent<Ticket>): void {
    if (this.isAlive) this.#turn(event);
  }

  #turn(event?: NodeEvent<Ticket>): void {
    this.core.step({ kind: "tick", nowMs: this.#agenda.nowMs, clockMs: this.clockMs });
    if (event !== undefined) this.core.step(event);
    for (const effect of this.core.ready()) this.#perform(effect);
    this.core.invariants();
  }

  #perform(effect: NodeEffect<Ticket>): void {
    const engine = this.#engine;
    switch (effect.kind) {
      case "append":
        return engine.append(this, effect.lane, effect.k, effect.bytes);
      case "barrier":
        return engine.barrier(this, effect.barrier);
      case "follow":
        return this.isOpen ? engine.follow(this, effect.after.n, effect.reread) : undefined;
      case "beginEpoch":
        return engine.beginEpoch(this, effect.after);
      case "putSnapshot":
        return engine.putSnapshot(this, effect.cut, effect.snapshot);
      case "trim":
        return engine.trim(effect.epoch);
      case "announce":
        return engine.announce(this, effect.saying);
      case "halt":
        return claim(false, `node ${this.name} has stopped: ${effect.reason}`);
      default: {
        // It takes a while until the client has it.
        const { ticket, ...told } = effect;
        if (told.kind === "refused") ticket.onRefusal?.(told.refusal);
        this.#agenda.after(2, () => this.isAlive && ticket(told));
      }
    }
  }
}
