/**
 * The monitor: for each kind of message, what must have been true of all that its sender had sent and received before.
 *
 * Its rules are written from the text of `docs/design/protocol.md`, and look at messages alone. So they know nothing of
 * how the code does it. Rules about clients hold for honest ones; rules about replicas always.
 *
 * @module
 */

import { leastPromise } from "../../src/protocol/wire/promise.ts";
import type { ClientMessage, MeshMessage, Message, ReplyMessage } from "../../src/protocol/wire/messages.ts";
import { layouts } from "../../src/protocol/wire/messages.ts";
import { compareUid, laterUid } from "../../src/uid.ts";
import { agreement, heardAgreement } from "./agreement_rules.ts";
import { ClientMonitor } from "./client_rules.ts";
import type { TraceEvent, Travel } from "./events.ts";
import { nameOf, ReplicaFacts, roundOf, SharedFacts } from "./facts.ts";
import { heardHistory, history } from "./history_rules.ts";
import { flush } from "./flush_rules.ts";
import { begin, donor, newcomer } from "./newcomer_rules.ts";
import { executed, received } from "./order_rules.ts";
import { must, Refused } from "./refused.ts";
import { reply } from "./reply_rules.ts";

/** Listens to a trace, and refuses the first message that breaks a rule. */
export class Monitor {
  #shared = new SharedFacts();
  readonly #replicas = new Map<string, ReplicaFacts>();
  readonly #clients = new Map<string, ClientMonitor>();
  readonly #addresses = new Map<string, string>();
  readonly #liars = new Set<string>();

  /**
   * Takes the next event of the trace.
   *
   * @throws {Refused} if it breaks a rule.
   */
  hear(event: TraceEvent): void {
    switch (event.kind) {
      case "cluster":
        this.#shared = new SharedFacts(this.#shared.dead);
        this.#replicas.clear();
        return;
      case "starts": {
        const { replica, id, address, v, members, recovered } = event;
        this.#addresses.set(replica, address);
        this.#shared.dead.delete(replica);
        this.#replicas.set(replica, new ReplicaFacts(replica, id, v, members, recovered));
        return;
      }
      case "dies":
        this.#shared.dead.add(event.process);
        return;
      case "ended":
        return this.#client(event.client).ended(event.link);
      case "lies":
        this.#liars.add(event.client);
        return;
      case "acts":
        this.#replica(event.replica).turns++;
        return;
      case "closed":
        this.#replica(event.replica).closed.add(event.link);
        return;
      case "installed":
        return this.#installed(event);
      case "sent":
        try {
          return this.#sent(event);
        } catch (error) {
          if (error instanceof Refused) error.message += `\n${event.from} -> ${event.to}: ${event.message.kind}`;
          throw error;
        }
      case "delivered":
        return this.#delivered(event);
    }
  }

  #replica(name: string): ReplicaFacts {
    const facts = this.#replicas.get(name);
    must(facts !== undefined, "trace", `${name} has started`);
    return facts;
  }

  #client(name: string): ClientMonitor {
    let monitor = this.#clients.get(name);
    if (monitor === undefined) this.#clients.set(name, monitor = new ClientMonitor());
    return monitor;
  }

  /** V6. */
  #installed({ replica, v, members }: TraceEvent & { kind: "installed" }): void {
    const facts = this.#replica(replica);
    must(v > facts.v, "V6", `view ${v} follows view ${facts.v}`);
    const known = this.#shared.decisions.get(v);
    const decided: { readonly members: readonly { readonly id: number }[] } | undefined = known && JSON.parse(known);
    const isSame = decided === undefined ||
      `${decided.members.map(({ id }) => id)}` === `${members.map(({ id }) => id)}`;
    must(isSame, "V6", `view ${v} has the members that were decided`);
    facts.v = v;
    facts.members = members;
    facts.isRecovered = false;
    facts.greeting = undefined;
  }

  // ---- What is sent ----

  #sent(travel: Travel): void {
    const { from, to, link, message } = travel;
    switch (layouts[message.kind].way) {
      case "client to replica":
        if (!this.#liars.has(from)) this.#client(from).check(travel, this.#addresses.get(to)!);
        return;
      case "replica to client":
        return reply(this.#replica(from), link!, message as ReplyMessage, this.#shared);
      case "replica to replica":
        return this.#mesh(this.#replica(from), to, message as MeshMessage);
    }
  }

  #mesh(from: ReplicaFacts, to: string, message: MeshMessage): void {
    from.greeting = undefined;
    must(to !== from.name, "trace", "nobody sends to itself");
    switch (message.kind) {
      case "RECEIVED":
        return received(from, to, message, this.#shared);
      case "EXECUTED":
        return executed(from, to, message, this.#shared);
      case "JOIN":
      case "FETCH":
      case "FOLLOWED":
      case "STATE_OK":
        return newcomer(from, to, message);
      case "SEGMENTS":
      case "SEGMENTS_ARE":
      case "PART":
      case "PART_IS":
        return history(from, to, message);
      case "SEALED":
      case "DISPUTED":
      case "STATED":
        return agreement(from, to, message);
      case "PIECE":
      case "DELTA":
      case "DIVERGED":
      case "FOLLOW":
      case "VIEWED":
      case "STATE":
        return donor(from, to, message, this.#shared);
      default:
        for (const client of message.kind === "INSTALL" ? message.decision.expired : []) {
          this.#shared.renewed.add(client);
        }
        return flush(from, to, message, this.#shared);
    }
  }

  // ---- What is delivered ----

  #delivered(travel: Travel): void {
    const { from, to, link, message } = travel;
    switch (layouts[message.kind].way) {
      case "client to replica":
        return this.#fromClient(this.#replica(to), link!, message as ClientMessage);
      case "replica to client":
        if (!this.#liars.has(to)) this.#client(to).heard(travel);
        return;
      case "replica to replica":
        return heardMesh(this.#replica(to), from, message);
    }
  }

  #fromClient(to: ReplicaFacts, link: number, message: ClientMessage): void {
    if (message.kind === "HELLO") {
      if (!to.links.has(link)) to.links.set(link, message.secret.slice(0, 32));
      return;
    }
    const client = to.links.get(link);
    if (client === undefined) return;
    const view = to.view(message.v);
    const facts = view.client(client);
    switch (message.kind) {
      case "RESUME": {
        const resumes = view.resumes.get(link) ?? { count: 0, answered: 0, floor: 0 };
        view.resumes.set(link, { ...resumes, count: resumes.count + 1, floor: view.executedTs });
        facts.heardTs = Math.max(facts.heardTs, message.ts);
        facts.hasSent = false;
        return;
      }
      case "REQUEST":
        facts.requests.push(message);
        // One that has not been let in would be a fault.
        if (facts.isActive) {
          facts.forgetClocks(to.turns);
          facts.hasSent = true;
        }
        facts.heardTs = Math.max(facts.heardTs, message.upto);
        view.requestTs = Math.max(view.requestTs, message.ts);
        if (facts.pace > 1) {
          view.dueTs = Math.max(view.dueTs, message.ts + leastPromise(message.commands, facts.pace));
          to.newCost = Math.max(to.newCost, leastPromise(message.commands, 1));
        }
        if (message.end) this.#shared.renewed.add(client);
        return;
      case "CLOCK":
        facts.clocks++;
        facts.heardTs = Math.max(facts.heardTs, message.ts);
        if (!message.suspend) return;
        facts.isActive = false;
        if (facts.hasSent) facts.forgetClocks(to.turns);
        facts.suspendedAt = to.turns;
        return;
      case "READ":
        view.reads.set(`${link} ${message.rid}`, [...view.reads.get(`${link} ${message.rid}`) ?? [], message]);
    }
  }
}

/** Something came from another replica. */
function heardMesh(to: ReplicaFacts, from: string, message: Message): void {
  switch (message.kind) {
    case "RECEIVED": {
      const heard = to.view(message.v).member(Number(from.slice(1)));
      for (const receipt of message.receipts) heard.receipts.set(nameOf(receipt.client, receipt.seq), receipt);
      if (compareUid(message.upTo, heard.upTo) > 0) heard.upTo = laterUid(heard.upTo, message.upTo);
      return;
    }
    case "PREPARE":
      to.view(message.v).prepares.add(roundOf(from, message.ballot));
      return;
    case "REPORT":
      to.view(message.v).reports.set(roundOf(from, message.ballot), message);
      return;
    case "ACCEPT":
      to.view(message.v).accepts.set(roundOf(from, message.ballot), message.decision);
      return;
    case "ACCEPTED":
      to.view(message.v).acceptedBy.add(`${from} ${roundOf(to.name, message.ballot)}`);
      return;
    case "INSTALL":
      if (!to.installs.has(message.decision.v)) to.installs.set(message.decision.v, message.decision);
      return;
    case "SEGMENTS":
    case "SEGMENTS_ARE":
    case "PART":
    case "PART_IS":
      return heardHistory(to.asked(from), message);
    case "SEALED":
    case "DISPUTED":
    case "STATED":
      return heardAgreement(to, message);
    case "DIGEST":
      to.view(message.position.v).digestFrom.add(from);
      return;
    case "JOIN":
      to.feed(from).join = message;
      return;
    case "FETCH":
      to.feed(from).fetched = message.offset;
      return;
    case "STATE_OK":
      to.view(message.v).clones.add(roundOf(from, message.ballot));
      return;
    case "STATE":
      to.view(message.v).states.add(roundOf(from, message.ballot));
      return;
    case "PIECE": {
      const feed = to.feed(from);
      if (message.offset === 0) begin(feed, message.v);
      feed.hasBegun = true;
      feed.offset = message.offset + message.bytes.length;
      feed.isWhole = message.final;
      return;
    }
    case "DELTA":
      begin(to.feed(from), message.position.v);
      to.feed(from).isWhole = true;
      return;
    case "FOLLOW":
      to.feed(from).events += message.requests.length;
      return;
    case "VIEWED":
      to.feed(from).events++;
      return;
  }
}
