/**
 * What an honest client may send, by rules C1 to C10.
 *
 * @module
 */

import type { LinkId } from "../../src/protocol/wire/link_id.ts";
import { windowRequests, wireVersion } from "../../src/limits.ts";
import type { Message, MessageOf } from "../../src/protocol/wire/messages.ts";
import { leastPromise } from "../../src/protocol/wire/promise.ts";
import { answererOf } from "../../src/protocol/wire/answerer.ts";
import type { Member, ReplicaId } from "../../src/uid.ts";
import type { Travel } from "./events.ts";
import { must } from "./refused.ts";

/** What one client was told, and has sent, in one view. */
class View {
  readonly members: readonly Member[];
  isActive = false;
  /** In this activation: the links that RESUME was sent on, and the floors that came. */
  readonly resumed = new Set<LinkId>();
  readonly floors = new Map<ReplicaId, number>();
  /** The largest pace that came with them. */
  pace = 1;
  /** Nothing that it sends any more is at or below this timestamp. */
  promised = 0;
  nudged = -1;
  sent: number;
  /** It was without any link, so requests may have gone to nobody. */
  wasAlone = false;
  /** The frame that it is sending to all, and the links that took it. */
  broadcast: MessageOf<"REQUEST"> | MessageOf<"CLOCK"> | undefined;
  readonly broadcastBy = new Set<LinkId>();
  /** By link: the last read. */
  readonly reads = new Map<LinkId, number>();

  constructor({ members, base }: MessageOf<"VIEW">) {
    this.members = members;
    this.sent = base;
  }
}

/** One client, and the rules for what it sends. */
export class ClientMonitor {
  #cluster: string | undefined;
  #v = 0;
  readonly #views = new Map<number, View>();
  readonly #greeted = new Set<LinkId>();
  /** By link, to whom it goes. */
  readonly #links = new Map<LinkId, string>();
  readonly #ended = new Set<LinkId>();
  readonly #outputs = new Set<number>();
  readonly #values = new Set<number>();
  #done = 0;
  #hasEnded = false;

  /** Something came to the client. */
  heard({ message, from }: Travel): void {
    switch (message.kind) {
      case "VIEW":
        this.#cluster ??= message.cluster;
        if (message.cluster !== this.#cluster || message.v <= this.#v) return;
        this.#v = message.v;
        this.#views.set(message.v, new View(message));
        for (const [link, name] of this.#links) {
          if (!message.members.some(({ id }) => `r${id}` === name)) this.#links.delete(link);
        }
        return this.#mayBeAlone();
      case "READY":
        if (message.v === this.#v) this.#ready(this.#views.get(message.v)!, Number(from.slice(1)), message);
        return;
      case "NUDGE": {
        const view = this.#views.get(message.v);
        if (view !== undefined && view.resumed.size > 0) view.nudged = Math.max(view.nudged, message.ts);
        return;
      }
      case "OUTPUT":
        this.#outputs.add(message.seq);
        while (this.#outputs.has(this.#done + 1)) this.#done++;
        return;
      case "VALUE":
        // It has closed its links to those that are not members any more.
        if (this.#views.get(this.#v)?.members.some(({ id }) => `r${id}` === from)) this.#values.add(message.rid);
    }
  }

  #ready(view: View, from: ReplicaId, { floor, pace }: MessageOf<"READY">): void {
    view.floors.set(from, floor);
    view.pace = Math.max(view.pace, pace);
  }

  /** The client sends something. */
  check({ message, to, link }: Travel, address: string): void {
    if (message.kind === "HELLO") return this.#hello(message, to, link!);
    must(this.#greeted.has(link!), "C1", "HELLO is the first frame of a link");
    if (!("v" in message)) return;
    const view = this.#views.get(message.v);
    must(view !== undefined, "C2", `a client sends in a view that it was told of, not in ${message.v}`);
    // It is about a view that has ended meanwhile.
    if (message.kind === "RESUME" && message.v < this.#v) return;
    // A replica with the address of a dead member gets the frames for that one.
    must(view.members.some((member) => member.address === address), "C1", "a client sends to members of its view");
    this.#checkIn(view, message, address, link!);
  }

  #checkIn(view: View, message: Message, address: string, link: LinkId): void {
    switch (message.kind) {
      case "RESUME":
        return this.#resume(view, message, link);
      case "REQUEST":
        if (!this.#isRepeated(view, message, link)) this.#request(view, message);
        return;
      case "CLOCK":
        if (!this.#isRepeated(view, message, link)) this.#clock(view, message);
        return;
      case "READ":
        return this.#read(view, message, address, link);
    }
  }

  #hello({ version, done }: MessageOf<"HELLO">, to: string, link: LinkId): void {
    must(!this.#greeted.has(link), "C1", "a client greets once by each link");
    must(version === wireVersion, "C1", "a client names the version that it speaks");
    must(done <= this.#done, "C1", "a client confirms outputs that it has");
    this.#greeted.add(link);
    // A client that has lost the link may not have had its turn yet.
    if (!this.#ended.has(link)) this.#links.set(link, to);
  }

  /** A link has ended. */
  ended(link: LinkId): void {
    this.#links.delete(link);
    this.#ended.add(link);
    this.#mayBeAlone();
  }

  /** A client without links sends to all members that it has a link to, so to nobody. */
  #mayBeAlone(): void {
    const view = this.#views.get(this.#v);
    if (view !== undefined && this.#links.size === 0) view.wasAlone = true;
  }

  /** C3. */
  #resume(view: View, { ts, done }: MessageOf<"RESUME">, link: LinkId): void {
    if (view.wasAlone && (view.isActive || view.resumed.has(link))) {
      // It has suspended, and nobody got that.
      view.isActive = false;
      view.resumed.clear();
    }
    must(!view.isActive, "C3", "a client that is active does not resume");
    must(!view.resumed.has(link), "C3", "a client resumes once by each link");
    must(ts >= view.promised, "C3", "the timestamp of RESUME is not below one that was sent or promised");
    must(done <= this.#done, "C3", "RESUME confirms outputs that the client has");
    if (view.resumed.size === 0) {
      view.floors.clear();
      view.pace = 1;
    }
    view.resumed.add(link);
  }

  /** Whether it is the next frame of a broadcast that has begun. */
  #isRepeated(view: View, message: MessageOf<"REQUEST"> | MessageOf<"CLOCK">, link: LinkId): boolean {
    const { broadcast } = view;
    const isSame = broadcast?.kind === message.kind && broadcast.ts === message.ts && !view.broadcastBy.has(link);
    if (!isSame) {
      view.broadcast = message;
      view.broadcastBy.clear();
    } else if (message.kind === "REQUEST" && broadcast.kind === "REQUEST") {
      const { seq, upto, end, commands } = broadcast;
      const isEqual = seq === message.seq && upto === message.upto && end === message.end &&
        `${commands}` === `${message.commands}`;
      must(isEqual, "C4", "a client sends the same request to all members");
    }
    view.broadcastBy.add(link);
    return isSame;
  }

  /** C4. */
  #request(view: View, { seq, ts, upto, done, end, commands }: MessageOf<"REQUEST">): void {
    must(!this.#hasEnded || end, "V10", "nothing follows the end of a session");
    must(view.resumed.size > 0, "C4", "a client that is idle sends no request");
    for (const { id } of view.members) {
      const floor = view.floors.get(id);
      must(floor !== undefined, "C3", `a client sends only once it has the floor of r${id}`);
      must(ts > floor, "C3", `timestamp ${ts} is above the floor of r${id}`);
    }
    must(ts > view.promised, "C4", `timestamp ${ts} is above what was sent and promised, ${view.promised}`);
    must(upto >= ts + leastPromise(commands, view.pace), "C4", "a request promises what it costs");
    must(
      seq === view.sent + 1 || (view.wasAlone && seq > view.sent),
      "C4",
      `request ${seq} follows request ${view.sent}, or the base`,
    );
    must(done <= this.#done && done < seq, "C4", "a request confirms outputs that the client has");
    must(seq - this.#done <= windowRequests, "C4", "at most a window of requests is without an output");
    view.isActive = true;
    view.promised = upto;
    view.sent = seq;
    this.#hasEnded ||= end;
  }

  /** C6 and C7. */
  #clock(view: View, { ts, done, suspend }: MessageOf<"CLOCK">): void {
    must(view.resumed.size > 0, "C6", "a client that is idle says nothing");
    must(ts > view.promised, "C6", `timestamp ${ts} of CLOCK is above what was sent and promised, ${view.promised}`);
    must(done <= this.#done, "C6", "CLOCK confirms outputs that the client has");
    if (suspend) {
      must(done >= view.sent, "C7", "a client suspends when it has all outputs");
      view.isActive = false;
      view.nudged = -1;
      view.resumed.clear();
    } else {
      must(view.nudged >= view.promised, "C6", "a client says its clock when it was asked for a later timestamp");
      must(ts > view.nudged, "C6", "a client says a later timestamp than it was asked for");
    }
    view.promised = ts;
  }

  /** C10. */
  #read(view: View, { rid, after }: MessageOf<"READ">, address: string, link: LinkId): void {
    must(address === answererOf(view.members).address, "C10", "a client reads at the answerer");
    must(
      after <= Math.max(view.sent, this.#done) || view.wasAlone,
      "C10",
      "all requests that a read follows were sent before",
    );
    must(!this.#values.has(rid), "C10", "a read that has its value is not asked again");
    must(rid > (view.reads.get(link) ?? 0), "C10", "reads are asked in order, once by each link");
    view.reads.set(link, rid);
  }
}
