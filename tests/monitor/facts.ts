/**
 * What the trace tells of each process: what was delivered to it, and what it has sent.
 *
 * Facts of a view are kept under the number that the messages carry, because a message may be delivered before its
 * receiver is in that view.
 *
 * @module
 */

import type { ComparedSegment } from "../../src/history.ts";
import type { LinkId } from "../../src/protocol/wire/link_id.ts";
import type { MessageOf } from "../../src/protocol/wire/messages.ts";
import type { Ballot, Decision, Position, Receipt } from "../../src/protocol/wire/records.ts";
import { noBallot } from "../../src/protocol/wire/records.ts";
import { answererOf } from "../../src/protocol/wire/answerer.ts";
import { type ClientId, firstUid, type Member, type ReplicaId, type Uid } from "../../src/uid.ts";

/** What a replica was told of a client in one view. */
export class ClientOfView {
  /** All REQUESTs; those of a liar may have the same seq. */
  readonly requests: MessageOf<"REQUEST">[] = [];
  /** Nothing that the client said is above this timestamp. */
  heardTs = 0;
  /** How often it has told its clock since its last request. */
  clocks = 0;
  /** How often that was before the last turn in which a request or a suspension came: replies may be older. */
  clocksBefore = 0;
  forgotAt = -1;
  /** It has sent a request since RESUME. */
  hasSent = false;
  /** READY was sent, and no suspending CLOCK has come since. */
  isActive = false;
  /** After which turn a suspending CLOCK came. */
  suspendedAt: number | undefined;
  /** What the replica has told the answerer, by seq. */
  readonly told = new Map<number, Receipt>();
  lastTold = 0;
  /** How many times as far as others it has to promise, as READY says. */
  pace = 1;
  /** Its last request before the view, as VIEW says. */
  base: number | undefined;
  /** The last request of which a replica has sent the output for the first time. */
  output = 0;

  /** A request has come, or a suspension after one. */
  forgetClocks(turn: number): void {
    this.clocksBefore = Math.max(this.clocks, turn === this.forgotAt ? this.clocksBefore : 0);
    this.forgotAt = turn;
    this.clocks = 0;
  }
}

/** What a member has told the answerer, as far as that was delivered. */
export interface HeardMember {
  upTo: Uid;
  /** By client and seq. */
  readonly receipts: Map<string, Receipt>;
}

/** RESUMEs by one link, and how many were answered; `floor`: what the last one's floor must not be below. */
export interface Resumes {
  count: number;
  answered: number;
  floor: number;
}

/** What one replica was told, and has sent, in one view. */
export class ViewFacts {
  readonly clients = new Map<ClientId, ClientOfView>();
  /** The largest timestamp of a REQUEST that was delivered, and of one that the replica has executed. */
  requestTs = 0;
  executedTs = 0;
  /** The largest timestamp up to which a client that is new has to promise with a REQUEST that was delivered. */
  dueTs = 0;
  upTo: Uid = firstUid;
  readonly heard = new Map<ReplicaId, HeardMember>();
  readonly resumes = new Map<LinkId, Resumes>();
  /** By link and rid; a liar may ask for the same one twice. */
  readonly reads = new Map<string, MessageOf<"READ">[]>();
  /** The last request that it has executed in this view, and the index after its last command. */
  executed: Uid = firstUid;
  nextIndex = 0;
  lastExecuted: MessageOf<"EXECUTED"> | undefined;
  // The flush.
  report: MessageOf<"REPORT"> | undefined;
  promised: Ballot = noBallot;
  accepted: { readonly ballot: Ballot; readonly decision: Decision } | undefined;
  prepared: Ballot | undefined;
  /** By sender and ballot. */
  readonly prepares = new Set<string>();
  readonly accepts = new Map<string, Decision>();
  readonly reports = new Map<string, MessageOf<"REPORT">>();
  readonly acceptedBy = new Set<string>();
  readonly clones = new Set<string>();
  readonly states = new Set<string>();
  readonly proposals = new Map<string, Decision>();
  readonly digestTo = new Set<string>();
  /** Those whose DIGEST was delivered. */
  readonly digestFrom = new Set<string>();
  // The sealed history.
  readonly agreementTo = new Set<string>();
  /** The segments that the replica, or a member that it has heard, calls disputed. */
  readonly disputed = new Set<string>();

  /** The facts about a client. */
  client(id: ClientId): ClientOfView {
    let facts = this.clients.get(id);
    if (facts === undefined) this.clients.set(id, facts = new ClientOfView());
    return facts;
  }

  /** What another member has told. */
  member(id: ReplicaId): HeardMember {
    let heard = this.heard.get(id);
    if (heard === undefined) this.heard.set(id, heard = { upTo: firstUid, receipts: new Map() });
    return heard;
  }
}

/** What a replica knows of another one and the sealed history. */
export interface Asked {
  /** How often the other one has asked for the list, and was not answered. */
  segments: number;
  /** The same for each part. */
  readonly parts: Map<string, number>;
  /** The segments that the other one has named. */
  readonly named: Set<string>;
}

/** What a donor has sent to one newcomer, or a newcomer has received from its donor. */
export class Feed {
  /** Whether the first piece of a snapshot was sent. */
  hasBegun = false;
  /** The end of the last piece. */
  offset = 0;
  isWhole = false;
  v = 0;
  /** The last request that was followed, and the view of it. */
  last: Uid = firstUid;
  lastV = 0;
  events = 0;
  count = 0;
  fetched: number | undefined;
  /** What the newcomer has said of itself. */
  join: MessageOf<"JOIN"> | undefined;
}

/** One life of a replica. */
export class ReplicaFacts {
  readonly name: string;
  readonly id: ReplicaId;
  /** 0: it is a newcomer. */
  v: number;
  members: readonly Member[];
  /** It came back from its disk, and has not begun a view since. */
  isRecovered: boolean;
  turns = 0;
  /** The largest cost of a REQUEST of a client that was new. */
  newCost = 0;
  /** By view: what was delivered to it, and sent. */
  readonly views = new Map<number, ViewFacts>();
  /** The session of each link. */
  readonly links = new Map<LinkId, ClientId>();
  readonly closed = new Set<LinkId>();
  /** The link on which it is repeating outputs after VIEW. */
  greeting: LinkId | undefined;
  readonly installs = new Map<number, Decision>();
  /** By the name of the newcomer, or of the donor. */
  readonly feeds = new Map<string, Feed>();
  /** By the name of the other one. */
  readonly history = new Map<string, Asked>();
  /** The digests that it has told, by segment and count of redacted entries; and what others have told it. */
  readonly sealed = new Map<string, string>();
  readonly heardSealed = new Map<string, readonly ComparedSegment[]>();

  constructor(name: string, id: ReplicaId, v: number, members: readonly Member[], isRecovered: boolean) {
    this.name = name;
    this.id = id;
    this.v = v;
    this.members = members;
    this.isRecovered = isRecovered;
  }

  /** The facts about a view; the present one if none is named. */
  view(v: number = this.v): ViewFacts {
    let facts = this.views.get(v);
    if (facts === undefined) this.views.set(v, facts = new ViewFacts());
    return facts;
  }

  /** The facts about a newcomer, or about a donor. */
  feed(other: string): Feed {
    let feed = this.feeds.get(other);
    if (feed === undefined) this.feeds.set(other, feed = new Feed());
    return feed;
  }

  /** The facts about the history that another one asks for, or has. */
  asked(other: string): Asked {
    let asked = this.history.get(other);
    if (asked === undefined) this.history.set(other, asked = { segments: 0, parts: new Map(), named: new Set() });
    return asked;
  }

  /** Whether it gives the outputs of its view. */
  get isAnswerer(): boolean {
    return this.members.length > 0 && answererOf(this.members).id === this.id;
  }

  /** The other members of its view. */
  get others(): readonly Member[] {
    return this.members.filter(({ id }) => id !== this.id);
  }
}

/** What all processes of one cluster have said of the same thing. */
export class SharedFacts {
  readonly dead: Set<string>;
  /** By the view that it begins. */
  readonly decisions = new Map<number, string>();
  readonly positions = new Map<number, Position>();
  /** By view and client: the base. */
  readonly bases = new Map<string, number>();
  /** By client and seq: where it was executed, and with what outputs. */
  readonly outputs = new Map<string, { readonly index: number; readonly text: string }>();
  readonly indexes = new Map<number, string>();
  /** By client and view: the last request with an output in it. */
  readonly answered = new Map<ClientId, Map<number, number>>();
  /** By content: the sum; and by sum: the content. */
  readonly sums = new Map<string, number>();
  readonly contents = new Map<number, string>();
  /** Sessions that may have begun again, so that a seq says nothing. */
  readonly renewed = new Set<ClientId>();

  constructor(dead: Set<string> = new Set()) {
    this.dead = dead;
  }
}

/** A text for a request of a session. */
export function nameOf(client: ClientId, seq: number): string {
  return `${client} #${seq}`;
}

/** A text for a message of a round. */
export function roundOf(other: string, { n, id }: Ballot): string {
  return `${other} ${n}.${id}`;
}
