/**
 * Situations of a client of nodes that random schedules seldom come to, or do not tell apart, and what must come of
 * them.
 *
 * They need nothing but what they import by name, so mutants can run them as well.
 *
 * @module
 */

import { againMs, answerWithinMs, callWaitMs, NodeCaller, reachWithinMs } from "../../src/engine/client/caller.ts";
import type { CallerEffect, HeardMessage, SaidMessage } from "../../src/engine/client/caller_events.ts";
import type { NodeMessageOf } from "../../src/engine/wire/node_messages.ts";
import { windowRequests } from "../../src/limits.ts";
import type { Check } from "./checks.ts";
import { simCluster } from "./sim_link.ts";

function must(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

/** A caller, and what it wants. */
class Driven {
  readonly core: NodeCaller<string>;
  nowMs = 0;
  sessions = 0;
  /** The link that it has, and to which address. */
  link = 0;
  address = "";

  constructor(...addresses: string[]) {
    const newSession = () => {
      const client = (++this.sessions).toString(16).padStart(32, "0");
      return { secret: client + client, client };
    };
    this.core = new NodeCaller<string>({ addresses: addresses.length > 0 ? addresses : ["one:1"], newSession });
  }

  /** Takes what it wants now. */
  turn(ms = 0): CallerEffect<string>[] {
    this.nowMs += ms;
    this.core.step({ kind: "tick", nowMs: this.nowMs });
    const effects = [...this.core.ready()];
    this.core.invariants();
    for (const effect of effects) if (effect.kind === "dial") [this.link, this.address] = [effect.link, effect.address];
    return effects;
  }

  /** What it says, from a turn. */
  said(ms = 0): SaidMessage[] {
    return this.turn(ms).flatMap((effect) => effect.kind === "send" ? [effect.message] : []);
  }

  /** What it tells, from a turn, as `kind:tickets`. */
  told(ms = 0): string {
    return this.turn(ms).flatMap((effect) => "tickets" in effect ? [`${effect.kind}:${effect.tickets.join("+")}`] : [])
      .join();
  }

  submit(ticket: string, waitMs?: number): void {
    this.core.submit(Uint8Array.of(1), 8, ticket, waitMs);
  }

  hears(message: HeardMessage, link = this.link): void {
    this.core.step({ kind: "received", link, message });
  }

  /** A node lets it in. */
  reached(fields: Partial<NodeMessageOf<"NODE">> = {}): this {
    this.turn();
    this.core.step({ kind: "opened", link: this.link });
    this.hears({ kind: "NODE", cluster: simCluster, name: "n", born: 7, executed: 0, nodes: [], ...fields });
    return this;
  }

  result(seq: number, count = 1): void {
    this.hears({ kind: "RESULT", seq, index: 1, outputs: new Uint8Array(count) });
  }

  declined(number: number, refusal: NodeMessageOf<"DECLINED">["refusal"], isRead = false): void {
    this.hears({ kind: "DECLINED", isRead, number, refusal, reason: refusal });
  }

  lost(): void {
    this.core.step({ kind: "closed", link: this.link, reason: "closed the link" });
  }
}

function seqsOf(said: readonly SaidMessage[]): string {
  return said.flatMap((message) => message.kind === "SUBMIT" ? [message.seq] : []).join();
}

/** All of them, by what must happen. */
export const callerChecks: Readonly<Record<string, Check>> = {
  "C1: a request is sent again with its seq and its commands, and the same born": () => {
    const driven = new Driven("one:1", "two:2").reached();
    driven.submit("a");
    const [, , first] = driven.said();
    driven.lost();
    driven.reached({ born: 9 });
    must(driven.address === "two:2", `it continues at ${driven.address}`);
    const again = driven.said().find(({ kind }) => kind === "SUBMIT");
    must(first === undefined || JSON.stringify(first) === JSON.stringify(again), "it says something else");
    must(again?.kind === "SUBMIT" && again.seq === 1 && again.born === 7, "it has another seq, or was born elsewhere");
  },

  "C3: what was declined each time is not executed, and what may have been is unknown": () => {
    const driven = new Driven("one:1", "two:2").reached();
    driven.submit("a", 50);
    driven.turn();
    driven.declined(1, "busy");
    must(driven.told(50) === "notExecuted:a", "a command that was declined may have been executed");
    driven.submit("b", 500);
    must(seqsOf(driven.said(againMs)) === "1", "the seq is not used again");
    driven.lost();
    driven.reached();
    driven.turn();
    driven.declined(1, "busy");
    must(driven.told(500) === "unknown:b", "the first submission does not count");
  },

  "C4: what follows a request that was refused for good moves to another session, if it may be executed": () => {
    const driven = new Driven("one:1", "two:2").reached();
    driven.submit("a");
    driven.turn();
    driven.submit("b");
    driven.turn();
    driven.declined(1, "engine");
    must(driven.told() === "notExecuted:a" && driven.sessions === 1, "a session is given up while a node is asked");
    driven.declined(2, "gap");
    must(seqsOf(driven.said()) === "1" && driven.sessions === 1, "the seq is not used again");
    driven.submit("c");
    driven.turn();
    driven.declined(1, "engine");
    driven.turn();
    driven.lost();
    must(driven.told(20) === "" && driven.sessions === 2, "a session is used on in which nothing can be executed");
    must(seqsOf(driven.reached().said()) === "1", "what follows is not submitted again");
    driven.result(1);
    must(driven.told() === "outputs:c", "it has no output");
  },

  "C6: a session that has expired is replaced, and what may have been executed is not submitted in the next": () => {
    const driven = new Driven("one:1", "two:2").reached();
    driven.submit("a");
    driven.turn();
    driven.result(1);
    driven.submit("b");
    driven.turn();
    driven.lost();
    driven.submit("c");
    driven.reached();
    driven.turn();
    driven.declined(2, "expired");
    must(driven.told() === "", "the node is not heard to the end");
    driven.declined(3, "expired");
    must(driven.told() === "unknown:b", "the first submission of b does not count");
    must(driven.sessions === 2, "there is no other session");
    must(seqsOf(driven.reached().said()) === "1", "c is not submitted");
    driven.declined(1, "expired");
    must(driven.told() === "" && driven.sessions === 3, "c is given up");
    must(seqsOf(driven.reached().said()) === "", "it tries at once again where nobody knows that it is new");
    must(seqsOf(driven.said(againMs)) === "1", "c is not submitted");
    driven.result(1);
    must(driven.told() === "outputs:c", "c has no output");
  },

  "C7: a node that says nothing is left, before it is reached and afterwards": () => {
    const driven = new Driven("one:1", "two:2");
    driven.turn();
    driven.turn(reachWithinMs);
    must(driven.address === "two:2", "it waits for a node that does not answer");
    driven.reached();
    driven.submit("a");
    driven.turn();
    driven.turn(answerWithinMs - 1);
    must(driven.address === "two:2", "it leaves a node too early");
    driven.turn(1);
    must(driven.address === "one:1", "it waits for a node that is silent");
    driven.reached();
    must(driven.told(callWaitMs - answerWithinMs - 1) === "", "somebody was told too early");
    must(driven.told(1) === "unknown:a", "somebody waits for longer than 15 s");
  },

  "C8: an address that has failed is tried again later, and later each time": () => {
    const driven = new Driven("one:1", "two:2");
    driven.turn();
    driven.lost();
    driven.turn();
    must(driven.address === "two:2", "it tries the same one at once");
    driven.lost();
    must(driven.turn().length === 0, "it tries one at once that has failed");
    const waits: number[] = [];
    for (let tries = 0; tries < 12; tries++) {
      const before = driven.nowMs;
      while (!driven.turn(1).some(({ kind }) => kind === "dial"));
      waits.push(driven.nowMs - before);
      driven.lost();
    }
    must(waits[0] <= 20 && Math.max(...waits) > 400, `it waits for ${waits.join()} ms`);
  },

  "C8: a node that has stopped, or cannot answer reads, is left": () => {
    for (const refusal of ["halted", "noQuorum", "late"] as const) {
      const driven = new Driven("one:1", "two:2").reached();
      if (refusal === "noQuorum") driven.core.read(Uint8Array.of(1), 8, "r");
      else driven.submit("a");
      driven.turn();
      driven.declined(1, refusal, refusal === "noQuorum");
      driven.turn();
      must(driven.address === "two:2", `it stays with one that says "${refusal}"`);
    }
  },

  "C8: a node that is silent may be about to start, and one that refuses is not": () => {
    const driven = new Driven("one:1", "two:2");
    driven.turn();
    driven.lost();
    must(!driven.core.haveAllFailed, "one that was not tried has failed");
    driven.turn();
    driven.turn(reachWithinMs);
    must(!driven.core.haveAllFailed, "one that is silent has failed");
    while (driven.address !== "two:2" || driven.core.address !== "two:2") {
      driven.turn(1_000);
      if (driven.core.address === "one:1") driven.lost();
    }
    driven.lost();
    must(driven.core.haveAllFailed, "all have failed, and that is not said");
    must(driven.core.tried === "one:1 closed the link, two:2 closed the link", driven.core.tried);
  },

  "C9: what an earlier link says does not count": () => {
    const driven = new Driven("one:1", "two:2").reached();
    driven.submit("a");
    driven.turn();
    const former = driven.link;
    driven.lost();
    driven.reached();
    driven.turn();
    driven.hears({ kind: "DECLINED", isRead: false, number: 1, refusal: "engine", reason: "full" }, former);
    must(driven.turn().length === 0 && driven.said(againMs).length === 0, "it counts");
  },

  "C10: a session is given up when nobody waits for what may have been executed": () => {
    const driven = new Driven().reached();
    driven.submit("a", 100);
    driven.turn();
    driven.submit("b", 60_000);
    driven.turn();
    must(driven.told(100) === "unknown:a", "somebody waits longer than they want");
    while (driven.sessions === 1 && driven.nowMs < 2 * callWaitMs) {
      driven.lost();
      driven.turn(1_000);
      driven.reached();
      driven.turn();
    }
    must(driven.nowMs >= callWaitMs - 1_000 && driven.nowMs <= callWaitMs + 1_000, "it is sent for ever, or not long");
  },

  "C11: a read waits for the outcomes of what was submitted before it, and for nothing else": () => {
    const driven = new Driven().reached();
    driven.core.read(Uint8Array.of(1), 8, "r1");
    driven.submit("a");
    driven.core.read(Uint8Array.of(1), 8, "r2");
    driven.submit("b");
    const kinds = driven.said().map(({ kind }) => kind).join();
    must(kinds === "HELLO,SUBMIT,ASK", kinds);
    driven.result(1, 2);
    must(driven.said().map(({ kind }) => kind).join() === "ASK", "the second read is not asked");
  },

  "C12: what is declined for now is sent again after a pause": () => {
    for (const refusal of ["busy", "sessions", "gap"] as const) {
      const driven = new Driven().reached();
      driven.submit("a");
      driven.turn();
      driven.declined(1, refusal);
      must(driven.said(againMs - 1).length === 0, `after "${refusal}", it is sent at once`);
      must(seqsOf(driven.said(1)) === "1", `after "${refusal}", it is not sent again`);
    }
  },

  "C12: no more requests are under way than the window has room for": () => {
    const driven = new Driven().reached();
    let sent = 0;
    for (let count = 0; count < 2 * windowRequests; count++) {
      driven.submit(String(count));
      sent += driven.said().filter(({ kind }) => kind === "SUBMIT").length;
    }
    must(sent === windowRequests, `${sent} are under way`);
    driven.result(1);
    const next = driven.said().find(({ kind }) => kind === "SUBMIT");
    must(next?.kind === "SUBMIT" && next.commands.length === 2 * windowRequests, "the rest does not travel together");
    const large = new Driven().reached();
    for (let count = 0; count < 20; count++) large.core.submit(new Uint8Array(1_000_000), 8, String(count));
    must(large.said().length < 10, "too many bytes are under way");
  },

  "a session ends with a request of its own, once everything has an outcome, and needs none if nothing was submitted":
    () => {
      const driven = new Driven().reached();
      driven.submit("a");
      driven.core.end();
      must(seqsOf(driven.said()) === "1", "it ends too early");
      driven.result(1);
      const [end] = driven.said();
      must(end?.kind === "SUBMIT" && end.end && end.seq === 2, "it does not end");
      driven.result(2, 0);
      must(driven.turn().some(({ kind }) => kind === "ended"), "nobody is told that it has ended");
      const idle = new Driven();
      idle.core.end();
      must(idle.turn().some(({ kind }) => kind === "ended"), "it waits for a node for nothing");
    },

  "a caller that reaches no node for 15 s says so, tells all that waits, and may come to another cluster": () => {
    const driven = new Driven().reached();
    driven.submit("a");
    driven.turn();
    driven.lost();
    driven.turn(callWaitMs - 1);
    driven.submit("b");
    const effects = driven.turn(1);
    const told = effects.flatMap((effect) => "tickets" in effect ? [`${effect.kind}:${effect.tickets.join()}`] : []);
    must(told.join() === "unknown:a,notExecuted:b", told.join());
    must(effects.some(({ kind }) => kind === "unreachable") && driven.core.isUnreachable, "it does not say so");
    driven.lost();
    driven.turn(1_000);
    driven.reached({ cluster: "ab".repeat(16) });
    must(!driven.core.isUnreachable && driven.core.cluster === "ab".repeat(16), "it does not come back");
  },

  "commands of one turn travel together as far as they fit": () => {
    const driven = new Driven().reached();
    for (let count = 0; count < 5_000; count++) driven.submit(String(count));
    must(seqsOf(driven.said()) === "1,2", "they do not fit two requests");
    let isRefused = false;
    try {
      driven.core.submit(new Uint8Array(2 * 1024 * 1024), 8, "large");
    } catch (error) {
      isRefused = error instanceof RangeError;
    }
    must(isRefused, "a command is taken that fits no request");
  },
};
