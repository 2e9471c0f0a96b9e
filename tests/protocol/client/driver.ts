/**
 * A client's side, driven by hand: what comes to it, and what it sends.
 *
 * @module
 */

import type { ClientMessage, MessageOf, ReplyMessage } from "../../../src/protocol/wire/messages.ts";
import type { RoundTrip } from "../../../src/protocol/client/round_trip.ts";
import { Transmitter } from "../../../src/protocol/client/transmitter.ts";
import type { TransmitterEffect } from "../../../src/protocol/client/transmitter_events.ts";
import { batchOf } from "../wire/messages_of.ts";

export const cluster = "c".repeat(32);
export const client = "1".repeat(32);
export const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
export const item = new Uint8Array([7]);

/** A transmitter with links 1 and 2 to r0 and r1. */
export class Driver {
  readonly core: Transmitter<string>;
  nowMs = 0;

  /** @param roundTrip what its program knows of the way to the members. */
  constructor(roundTrip?: RoundTrip) {
    this.core = new Transmitter({ secret: client + client, client, addresses: ["r0", "r1"], roundTrip });
  }

  open(link: number, address: string): TransmitterEffect<string>[] {
    this.core.step({ kind: "linkOpened", link, address });
    return [...this.core.ready()];
  }

  close(link: number): void {
    this.core.step({ kind: "linkClosed", link });
  }

  receive(link: number, ...messages: ReplyMessage[]): TransmitterEffect<string>[] {
    for (const message of messages) this.core.step({ kind: "received", link, message });
    return [...this.core.ready()];
  }

  /** From r0 by link 1, and from r1 by link 2. */
  receiveFromBoth(...messages: ReplyMessage[]): TransmitterEffect<string>[] {
    return [...this.receive(1, ...messages), ...this.receive(2, ...messages)];
  }

  submit(...tickets: string[]): TransmitterEffect<string>[] {
    for (const ticket of tickets) this.core.submit(item, 10, ticket);
    return [...this.core.ready()];
  }

  read(...tickets: string[]): TransmitterEffect<string>[] {
    for (const ticket of tickets) this.core.read(item, 10, ticket);
    return [...this.core.ready()];
  }

  tick(elapsedMs: number): TransmitterEffect<string>[] {
    this.nowMs += elapsedMs;
    this.core.step({ kind: "tick", nowMs: this.nowMs });
    return [...this.core.ready()];
  }
}

export const view = (v: number, from: number, base = 0, forgot = 0): ReplyMessage => ({
  kind: "VIEW",
  cluster,
  v,
  from,
  members,
  base,
  forgot,
});
export const nudge = (ts: number, v = 1): ReplyMessage => ({ kind: "NUDGE", v, ts });
export const ready = (floor: number, v = 1): ReplyMessage => ({ kind: "READY", v, floor, pace: 1 });
export const output = (seq: number, count = 1, clock = 0, v = 1): ReplyMessage => ({
  kind: "OUTPUT",
  v,
  clock,
  seq,
  index: seq,
  outputs: batchOf(...Array.from({ length: count }, () => item)),
});

/** What it sends by a link. */
export function sent(effects: readonly TransmitterEffect<string>[], link = 1): ClientMessage[] {
  return effects.flatMap((effect) => effect.kind === "send" && effect.link === link ? [effect.message] : []);
}

/** What it wants besides that something is sent. */
export function others(effects: readonly TransmitterEffect<string>[]): TransmitterEffect<string>[] {
  return effects.filter(({ kind }) => kind !== "send");
}

/** In view 1 of two, where r1 is the answerer, with both links, and idle. */
export function idle(roundTrip?: RoundTrip): Driver {
  const driver = new Driver(roundTrip);
  driver.open(1, "r0");
  driver.open(2, "r1");
  driver.receive(1, view(1, 0));
  driver.receive(2, view(1, 1));
  return driver;
}

/** In view 1, and active: request 1, with ticket "first", was sent with timestamp 1, and promises 17. */
export function active(): Driver {
  const driver = idle();
  driver.submit("first");
  driver.receiveFromBoth(ready(0));
  return driver;
}

/** The requests among these messages. */
export function requestsOf(messages: readonly ClientMessage[]): MessageOf<"REQUEST">[] {
  return messages.filter((message) => message.kind === "REQUEST");
}
