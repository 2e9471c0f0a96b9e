/**
 * A node on the network: listens, lets clients in, and hands what they want to an {@link EngineNode}.
 *
 * It serves clients once the node has had all records that there were; until then, sessions wait. A node that has
 * halted stays, so that somebody can ask it why: it declines everything, and tells its status.
 *
 * No client can make it keep much. What sessions have under way is bounded (`node_load.ts`), and so is what waits to be
 * sent on each link and on all of them. A session has one link; a later one takes its place.
 *
 * @module
 */

import type { AuthEntry } from "../../access/auth_entries.ts";
import { flawOf } from "../../engine/core/record.ts";
import type { EngineNode, NodeOutcome } from "../../engine/node.ts";
import type { FromNodeMessage, NodeMessageOf } from "../../engine/wire/node_messages.ts";
import { replicaTickMs } from "../../limits.ts";
import type { LinkId } from "../../protocol/wire/link_id.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import type { ClientId } from "../../uid.ts";
import { clientIdOf } from "../client_id.ts";
import { type Link, LinkBudgets, type LinkHandler, splitAddress } from "../link.ts";
import { Admission, type Guest, whyNotFirst } from "../server/admission.ts";
import type { ReaderHost, ServerWords } from "../server/askers.ts";
import { ClientLinks } from "../server/client_links.ts";
import { Copiers } from "../server/copier.ts";
import { type LinkListener, Reception } from "../server/reception.ts";
import { whyForbidden } from "../server/rights.ts";
import { Watchers } from "../server/watchers.ts";
import { type AnyMessage, decodeAny } from "../wire.ts";
import { clipped, noCluster, type NodeStatusHost, NodeStatusLinks } from "./node_status.ts";
import { type LoadBounds, NodeLoad, type SessionLoad } from "./node_load.ts";

/** Milliseconds after which a request or a read has an outcome: then its client asks another node. */
export const outcomeWithinMs = 4_000;

/** Bytes that wait to be sent to a client with which its link is not read, until few are left. */
const unsentBytesMax = 1024 * 1024;
const unsentBytesAgain = 128 * 1024;

/** How a node on the network starts. */
export interface NodeServerOptions {
  /** Clients reach it at its address. */
  readonly node: EngineNode;
  /** The tokens that count, until {@link NodeServer.allow}. */
  readonly access: readonly AuthEntry[];
  /** Where clients connect. */
  readonly listener: LinkListener;
  /**
   * The latest time that commands say they were recorded at, in milliseconds since 1970 (rule E14); undefined: none of
   * them says one. Absent: the commands of the machine have no time.
   */
  readonly recordedAtMs?: (commands: Uint8Array) => number | undefined;
  /** How much clients may have under way; absent: as usual. */
  readonly bounds?: LoadBounds;
  /** The node has halted. */
  readonly onHalt: (reason: string) => void;
}

/** A session with a link to this node, or with something under way. */
interface NodeClient extends SessionLoad {
  readonly client: ClientId;
  /** Its link; undefined: it has ended. */
  link: LinkId | undefined;
}

/** A node that serves clients. */
export class NodeServer {
  readonly #options: NodeServerOptions;
  readonly #node: EngineNode;
  readonly #words: ServerWords;
  readonly #underWay: NodeLoad;
  readonly #links = new ClientLinks((id, link) => {
    link.abort();
    this.#forget(id);
  });
  readonly #sessions = new Map<ClientId, NodeClient>();
  readonly #sessionOf = new Map<LinkId, NodeClient>();
  /** Those that have said HELLO, and wait until the node is ready. */
  readonly #waiting = new Map<LinkId, MessageOf<"HELLO">>();
  /** Those that are not read for now. */
  readonly #held = new Set<LinkId>();
  readonly #admission: Admission;
  readonly #reception: Reception;
  readonly #readers: { readonly COPY: Copiers; readonly WATCH: Watchers; readonly STATUS: NodeStatusLinks };
  readonly #timer: ReturnType<typeof setInterval>;
  #tickedAt = performance.now();
  #isDue = false;
  #laterTimer: ReturnType<typeof setTimeout> | undefined;
  #hasHalted = false;
  #isClosed = false;

  /** Begins to accept links. The node may have been started, or not. */
  constructor(options: NodeServerOptions) {
    const { node, access, listener, bounds } = this.#options = options;
    this.#node = node;
    this.#underWay = new NodeLoad(bounds);
    // Nobody has this key: a node has no links with replicas.
    const key = crypto.getRandomValues(new Uint8Array(32)).toHex();
    this.#admission = new Admission({ access, key, port: splitAddress(node.address).port });
    this.#reception = new Reception({
      listener,
      budgets: new LinkBudgets(),
      admission: this.#admission,
      decode: decodeAny,
      introduce: (link, message, guest) => this.#introduce(link, message, guest),
      overflowed: () => this.#links.overflowed(),
    });
    this.#words = {
      kind: "node",
      get notYet() {
        const { halted } = node.core;
        return halted === undefined ? "it has not caught up with the order yet" : haltedWords(halted);
      },
    };
    const reader: ReaderHost & NodeStatusHost = {
      node,
      words: this.#words,
      get cluster() {
        return node.cluster ?? noCluster;
      },
      get database() {
        return node.isReady && node.core.halted === undefined ? node.core.replay.executor : undefined;
      },
      refuse: (link, reason, cluster) => this.#reception.refuse(link, reason, cluster),
      schedule: () => this.#schedule(),
      scheduleLater: () => this.#scheduleLater(),
    };
    this.#readers = { COPY: new Copiers(reader), WATCH: new Watchers(reader), STATUS: new NodeStatusLinks(reader) };
    node.onTurn = () => this.#onTurn();
    this.#timer = setInterval(() => this.#tick(), replicaTickMs / 2);
    this.#reception.open();
  }

  /** The status of the node; takes a second at most. */
  status(): Promise<NodeMessageOf<"NODE_IS">> {
    return this.#readers.STATUS.status();
  }

  /** What clients have under way. */
  get load(): Readonly<SessionLoad> {
    return this.#underWay.load;
  }

  /** Sessions that it keeps something of: they have a link, or something under way. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Other tokens count from now on; links that came in by one that does not are cut at once. */
  allow(access: readonly AuthEntry[]): void {
    this.#cut(this.#admission.replace(access), "its token was revoked or changed");
  }

  /** Takes nothing more from clients, and ends their links: clients go to other nodes. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#node.onTurn = () => {};
    clearInterval(this.#timer);
    clearTimeout(this.#laterTimer);
    this.#reception.close();
    this.#links.abortAll();
    for (const each of Object.values(this.#readers)) each.close();
  }

  // ---- New links ----

  /** The first frame of a link tells what the link is about. */
  #introduce(link: Link, message: AnyMessage, guest: Guest): LinkHandler<AnyMessage> | undefined {
    const why = whyNotFirst(message, guest);
    if (why !== undefined) return this.#refused(link, why);
    switch (message.kind) {
      case "HELLO":
        return this.#introduceClient(link, message, guest);
      case "COPY":
      case "WATCH":
        // Before that, nobody knows which cluster it is.
        if (!this.#node.isReady) {
          return this.#refused(link, `${message.kind}: ${this.#words.notYet}; ask again later, or ask another node`);
        }
        return message.kind === "COPY"
          ? this.#readers.COPY.introduce(link, message)
          : this.#readers.WATCH.introduce(link, message);
      case "STATUS":
        return this.#readers.STATUS.introduce(link, message);
    }
  }

  #refused(link: Link, reason: string, cluster?: string): undefined {
    this.#reception.refuse(link, reason, cluster);
  }

  #introduceClient(link: Link, hello: MessageOf<"HELLO">, guest: Guest): LinkHandler<AnyMessage> | undefined {
    const { halted } = this.#node.core;
    if (halted !== undefined) return this.#refused(link, haltedWords(halted));
    const id = this.#links.add(link);
    if (id === undefined) {
      return this.#refused(link, `it serves ${this.#links.size} clients already, all of them busy`);
    }
    const session = this.#sessionFor(clientIdOf(hello.secret));
    if (session.link !== undefined) this.#end(session.link, "its session has another link");
    session.link = id;
    this.#sessions.set(session.client, session);
    this.#sessionOf.set(id, session);
    if (this.#node.isReady) this.#greet(id, link, hello);
    else {
      link.pause();
      this.#waiting.set(id, hello);
    }
    return {
      onMessage: (_, message) => this.#onMessage(id, link, session, message, guest),
      onClosed: () => this.#forget(id),
    };
  }

  #sessionFor(client: ClientId): NodeClient {
    return this.#sessions.get(client) ?? { client, link: undefined, count: 0, bytes: 0 };
  }

  /** Tells a client where it is. */
  #greet(id: LinkId, link: Link, { secret, cluster: known }: MessageOf<"HELLO">): void {
    const { core, cluster = noCluster, name, address, others } = this.#node;
    if (known !== undefined && known !== cluster) return this.#end(id, "HELLO: it is of another cluster", cluster);
    const nodes = new Map([[address, { name, address }]]);
    for (const { name, address } of others) {
      if (address !== "" && !nodes.has(address)) nodes.set(address, { name, address });
    }
    const executed = core.replay.executedOf(clientIdOf(secret));
    link.send({ kind: "NODE", cluster, name, born: core.place.n, executed, nodes: [...nodes.values()] });
  }

  // ---- Sessions ----

  #onMessage(id: LinkId, link: Link, session: NodeClient, message: AnyMessage, guest: Guest): void {
    this.#links.heard(id);
    if (message.kind === "SUBMIT") this.#submit(id, link, session, message, guest);
    else if (message.kind === "ASK") this.#ask(link, session, message);
    else return this.#end(id, `${message.kind} is not a message that a client sends to a node`);
    if (this.#underWay.isFull(session) || link.unsentBytes > unsentBytesMax) this.#hold(id, link);
  }

  #submit(id: LinkId, link: Link, session: NodeClient, message: NodeMessageOf<"SUBMIT">, guest: Guest): void {
    const { kind: _, ...request } = message;
    const { seq, commands } = request;
    const flaw = flawOf(request) ?? (commands.length === 0 && !request.end ? "it has no commands" : undefined);
    if (flaw !== undefined) return this.#end(id, `SUBMIT: ${flaw}`);
    const why = whyForbidden(this.#node.core.replay.executor.machine, commands, guest);
    if (why !== undefined) {
      this.#forget(id);
      return this.#reception.forbid(link, why);
    }
    if (!this.#underWay.begin(session, commands.length)) return link.send(busy(false, seq));
    const recordedAtMs = this.#options.recordedAtMs?.(commands);
    this.#node.submit({ client: session.client, ...request, recordedAtMs }, outcomeWithinMs).then((outcome) => {
      this.#ended(session, commands.length);
      this.#answer(link, session, answerTo(false, seq, outcome));
    });
  }

  #ask(link: Link, session: NodeClient, { rid, commands }: NodeMessageOf<"ASK">): void {
    if (!this.#underWay.begin(session, commands.length)) return link.send(busy(true, rid));
    this.#node.read(commands, outcomeWithinMs).then((outcome) => {
      this.#ended(session, commands.length);
      this.#answer(link, session, answerTo(true, rid, outcome));
    });
  }

  #answer(link: Link, session: NodeClient, message: FromNodeMessage): void {
    link.send(message);
    if (session.link === undefined || link.unsentBytes <= unsentBytesMax) return;
    if (this.#links.get(session.link) === link) this.#hold(session.link, link);
  }

  #ended(session: NodeClient, bytes: number): void {
    this.#underWay.end(session, bytes);
    if (session.link === undefined) this.#forgetIdle(session);
  }

  #hold(id: LinkId, link: Link): void {
    if (!this.#links.get(id)) return;
    this.#held.add(id);
    link.pause();
  }

  /** Reads on where nothing speaks against it any more. */
  #resume(): void {
    for (const id of this.#held) {
      const [link, session] = [this.#links.get(id), this.#sessionOf.get(id)];
      if (link === undefined || session === undefined) this.#held.delete(id);
      else if (this.#underWay.hasRoom(session) && link.unsentBytes <= unsentBytesAgain) {
        this.#held.delete(id);
        link.resume();
      }
    }
  }

  /** Ends the link of a client, and tells it why. */
  #end(id: LinkId, reason: string, cluster?: string): void {
    const link = this.#links.get(id);
    this.#forget(id);
    if (link !== undefined) this.#reception.refuse(link, reason, cluster);
  }

  #forget(id: LinkId): void {
    this.#links.delete(id);
    this.#held.delete(id);
    this.#waiting.delete(id);
    const session = this.#sessionOf.get(id);
    if (session === undefined) return;
    this.#sessionOf.delete(id);
    if (session.link === id) session.link = undefined;
    this.#forgetIdle(session);
  }

  /** Nothing is kept of a session without a link that has nothing under way. */
  #forgetIdle(session: NodeClient): void {
    if (session.link === undefined && session.count === 0) this.#sessions.delete(session.client);
  }

  /** Ends the links that a question is true of. */
  #cut(isOver: (link: Link) => boolean, reason: string): void {
    for (const link of this.#reception.admitted) if (isOver(link)) this.#reception.refuse(link, reason);
    for (const [id, link] of this.#links.all) if (isOver(link)) this.#end(id, reason);
    for (const each of Object.values(this.#readers)) each.cut(isOver, reason);
  }

  // ---- Turns ----

  /** The node had a turn. */
  #onTurn(): void {
    const { isReady, core: { halted } } = this.#node;
    if (this.#waiting.size > 0 && (isReady || halted !== undefined)) this.#serveWaiting();
    if (halted !== undefined && !this.#hasHalted) {
      this.#hasHalted = true;
      this.#options.onHalt(clipped(halted));
    }
    this.#readers.WATCH.serve();
    if (this.#held.size > 0) this.#resume();
  }

  #serveWaiting(): void {
    const { halted } = this.#node.core;
    for (const [id, hello] of this.#waiting) {
      this.#waiting.delete(id);
      const link = this.#links.get(id);
      if (link === undefined) continue;
      if (halted !== undefined) this.#end(id, haltedWords(halted));
      else this.#greet(id, link, hello);
      link.resume();
    }
  }

  #tick(): void {
    const now = performance.now();
    const elapsedMs = now - this.#tickedAt;
    this.#tickedAt = now;
    this.#links.pass(Math.min(elapsedMs, replicaTickMs));
    for (const each of Object.values(this.#readers)) each.pass(elapsedMs);
    if (this.#admission.hasExpired) this.#cut((link) => this.#admission.isOver(link), "its token has expired");
    this.#resume();
    this.#schedule();
  }

  /** Serves readers when all that came in this turn was read. */
  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#isClosed) return;
      for (const each of Object.values(this.#readers)) each.serve();
    });
  }

  #scheduleLater(): void {
    this.#laterTimer ??= setTimeout(() => {
      this.#laterTimer = undefined;
      this.#schedule();
    }, 0);
  }
}

function haltedWords(reason: string): string {
  return `it has stopped: ${clipped(reason)}`;
}

function busy(isRead: boolean, number: number): NodeMessageOf<"DECLINED"> {
  return { kind: "DECLINED", isRead, number, refusal: "busy", reason: "too much is under way at this node" };
}

/** What a client hears of an outcome. A read always has one. */
function answerTo(isRead: boolean, number: number, outcome: NodeOutcome): FromNodeMessage {
  switch (outcome.kind) {
    case "output":
      return { kind: "RESULT", seq: number, index: outcome.index, outputs: outcome.outputs };
    case "value":
      return { kind: "ANSWER", rid: number, index: outcome.index, outputs: outcome.outputs };
    case "refused":
      return { kind: "DECLINED", isRead, number, refusal: outcome.refusal, reason: clipped(outcome.reason) };
    case "unknown":
      return { kind: "UNSURE", seq: number, reason: clipped(outcome.reason) };
  }
}
