/**
 * The cluster and its replicas in responses.
 *
 * @module
 */

import { accessRoles } from "../roles.ts";
import {
  constant,
  count,
  either,
  flag,
  integer,
  list,
  namedObject,
  number,
  openObject,
  optional,
  text,
  word,
} from "./shapes.ts";

const session = text("The id of a session, 32 hexadecimal digits");
const replicaIds = list(count());

/** How large the database is. */
export const summary = namedObject("Summary", {
  sites: count(),
  retired: count(),
  lastEntry: count(),
  logBytes: count(),
  index: integer(1),
});

const waitingRequest = namedObject("WaitingRequest", {
  client: session,
  seq: count(),
  ts: count(),
  count: count("How many commands it has"),
  commands: list(text(), "The first of them, as people would type them"),
  ends: flag("It ends its session"),
  agreed: flag("Every member has said that it has it; only the answerer, the replica that sends outputs, knows that"),
  lacks: list(count(), "Replicas whose word is missing: a receipt, or the answerer's that it is executed"),
  stable: flag("No client can still send a request that comes before it"),
  waitsFor: list(session, "The clients that still can"),
  andMore: flag("There may be more such clients than are listed"),
}, "A request that a replica has received and not executed; they are in the order of their uids (ts, client)");

const answeringReplica = openObject({
  address: text(),
  id: count(),
  state: word(["up", "joining", "frozen"]),
  lacksHistory: flag("A part of its sealed history is damaged and not healed yet: mayFail does not count it"),
  view: count(),
  executed: count(),
  lag: count(),
  lastEntry: count(),
  logBytes: count("Bytes that the log takes"),
  logBytesMax: count("Once the log takes more bytes, every change is refused; 0: never"),
  digest: text(),
  clock: count(),
  pending: count(),
  sessions: count(),
  durable: flag(),
  memoryBytes: count(),
  uptimeMs: number(),
  restored: optional(count("How much of the data a newcomer has, in percent; absent: nobody sends it the data")),
  fetched: optional(count("How much a newcomer has of the sealed history that it fetches, in percent; absent: none")),
  history: optional(openObject({
    segments: count(),
    bytes: count("Bytes of their files"),
    unsealedBytes: count("Bytes of memory that wait to be sealed"),
    freeBytes: count("Bytes that may still be written to the disk of the files; 0 with diskBytes: nobody says"),
    diskBytes: count(),
    damaged: count("Parts of segments that are damaged"),
    damages: list(text(), "The first of them, a sentence each"),
    failure: optional(text("Why nothing is sealed, and what to do; absent: nothing refuses it")),
  }, "Its sealed history; absent: it seals none")),
  files: optional(openObject({
    isLogFailing: flag("Whether its log cannot be written now"),
    logMissing: count("Lines that its log lacks, since it began"),
    isShort: flag("Whether its disk has so little room that it takes no changes"),
    commitMicros: count("Microseconds that a commit takes on its disk, as a mean of the last ones; 0: there was none"),
  }, "Its other files; absent: it has none")),
  waiting: optional(list(waitingRequest, "This, `active`, `heard` and `flush` are there for the role `operate` alone")),
  active: optional(count("Clients that the stability test asks")),
  heard: optional(list(
    openObject({ client: session, ts: count(), lost: flag() }),
    "Those of them that the replica has heard the least from, and up to which timestamp",
  )),
  flush: optional(openObject(
    { stage: word(["reports", "clones", "accepted"]), from: replicaIds },
    "It ends the view: what it waits for, and from which replicas",
  )),
});

const silentReplica = openObject({
  address: text(),
  reason: text(),
  id: optional(count()),
  state: optional(text()),
  restored: optional(count("How much of the data a newcomer has, in percent; absent: nobody sends it the data")),
  fetched: optional(count("How much a newcomer has of the sealed history that it fetches, in percent; absent: none")),
  fetchMs: optional(count("Milliseconds that it still fetches, about; absent: nobody knows")),
});

const answeringNode = openObject({
  address: text(),
  name: text("Unique for each start of a node"),
  state: word(["up", "behind", "cut off", "halted"]),
  n: count("The last record of the order that it has applied"),
  lag: count("Records that it knows of and has not applied"),
  epoch: count(),
  executed: count(),
  lastEntry: count(),
  logBytes: count(),
  logBytesMax: count(),
  digest: text(),
  sessions: count(),
  waiting: count("Requests that wait at it for their outputs"),
  memoryBytes: count(),
  uptimeMs: number(),
  halted: optional(text("Why it has stopped; absent: it runs")),
});

const silentNode = openObject({ address: text(), reason: text() });

const engine = openObject({
  hasQuorum: flag("Whether a majority of its members answers"),
  members: list(openObject({
    address: text(),
    failure: optional(text("Why it gives no status; absent: it has given one")),
    version: optional(text()),
    isLeader: flag(),
    bytes: optional(count("Bytes of its data")),
    bytesMax: optional(count("Bytes that it may have")),
  })),
  warnings: list(text(), "A sentence for each thing that a person should do"),
  mayFail: count("How many more of its members may fail"),
  quotaPercent: optional(count("How much of its quota is taken, at the member with most; absent: nobody says")),
}, "The engine that gives the order, as the node sees it that sees the most of it");

/** How the cluster is. */
export const status = namedObject("Status", {
  version: text("The version of the gateway's program"),
  cluster: text(),
  view: count(),
  session: openObject({
    client: session,
    mode: word(["idle", "joining", "active", "over"]),
    clock: count(),
    view: count(),
    sent: count(),
    agreed: count("The last request that has its output, and every request before it"),
    waitsFor: optional(openObject({ what: word(["floors", "output", "value"]), from: replicaIds })),
  }, "The gateway's own session, and what it waits for from which replicas"),
  canControl: flag("Whether this gateway can kill and start replicas"),
  probe: optional(openObject(
    { ok: flag(), ms: number(), reason: optional(text()) },
    "Whether a request became stable; absent: none was sent",
  )),
  replicas: optional(list(
    either<unknown>([answeringReplica, silentReplica], "a replica"),
    "Absent: they were not asked, or an engine gives the order, and there are nodes",
  )),
  nodes: optional(list(
    either<unknown>([answeringNode, silentNode], "a node"),
    "Absent: they were not asked, or there are replicas",
  )),
  nodesMayFail: optional(count("How many more nodes may fail: all but one of those that serve")),
  engine: optional(engine),
  mayFail: optional(count(
    "How many more replicas may fail: all but one of the members that answer and have all of their history",
  )),
  log: optional(openObject({
    percent: count(),
    isFull: flag("Every change is refused"),
    isWarning: flag("It is full, or will be soon"),
    text: text(),
  }, "How full the log is; absent: it has no bound but the disk, or no replica says so")),
  disk: optional(openObject({
    percent: count(),
    freeBytes: count("Bytes that may still be written to it"),
    isWarning: flag("Less than 10 % of its room is left"),
    text: text(),
  }, "How full the disk of the sealed history is, the fullest of several; absent: there is none, or nobody says")),
});

/** What a client may do. */
export const access = namedObject("Access", {
  name: optional(text("The name of the token; absent: it is that of the printed link, or there is none")),
  role: optional(word(accessRoles, "The role of the client; absent: it has none")),
  anonymous: optional(word(accessRoles, "That of a client without a token; absent: it has none")),
  insecure: optional(constant(true)),
  canControl: flag("Whether this client can kill and start replicas here"),
});

/** What the launcher says of an order. */
export const launcherText = namedObject("LauncherAnswer", { text: text() });

/** A service that works. */
export const live = namedObject("Live", { ok: constant(true) });

/** A cluster in which a request became stable. */
export const health = namedObject("Health", { ok: constant(true), ms: number() });
