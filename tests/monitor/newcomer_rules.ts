/**
 * What donors and newcomers may send to each other, by rules V9 and D5.
 *
 * @module
 */

import type { MeshMessage, MessageOf } from "../../src/protocol/wire/messages.ts";
import type { CarriedRequest } from "../../src/protocol/wire/records.ts";
import { compareUid, firstUid } from "../../src/uid.ts";
import type { Feed, ReplicaFacts, SharedFacts } from "./facts.ts";
import { nameOf, roundOf } from "./facts.ts";
import { mustCoordinate } from "./flush_rules.ts";
import { must } from "./refused.ts";

/** Checks what a newcomer says. */
export function newcomer(from: ReplicaFacts, to: string, message: MeshMessage): void {
  const feed = from.feed(to);
  switch (message.kind) {
    case "JOIN":
      must(from.v === 0 && message.member.id === from.id, "V9", "a newcomer asks for itself");
      return;
    case "FETCH": {
      const isNext = feed.hasBegun && message.offset === feed.offset && !feed.isWhole;
      must(isNext, "V9", "a newcomer fetches what follows the last piece");
      must(feed.fetched !== message.offset, "V9", "a newcomer fetches each piece once");
      feed.fetched = message.offset;
      return;
    }
    case "FOLLOWED":
      must(feed.isWhole, "V9", "a newcomer follows from a whole snapshot, or a DELTA, on");
      must(
        message.count <= feed.events,
        "V9",
        `it has followed ${message.count} of the ${feed.events} that it was sent`,
      );
      must(message.count >= feed.count, "V9", "what was followed never becomes less");
      feed.count = message.count;
      return;
    case "STATE_OK": {
      const { v, ballot } = message;
      must(from.view(v).states.has(roundOf(to, ballot)), "V9", "STATE_OK follows the STATE of the same round");
      return;
    }
  }
}

/** Checks what a donor sends. */
export function donor(from: ReplicaFacts, to: string, message: MeshMessage, shared: SharedFacts): void {
  const feed = from.feed(to);
  must(feed.join !== undefined, "V9", `${message.kind} goes to a newcomer that has asked`);
  must(from.v > 0, "V9", "a donor is a member");
  switch (message.kind) {
    case "PIECE":
      mustCoordinate(from, shared, "V9");
      return piece(from, feed, message);
    case "DELTA": {
      mustCoordinate(from, shared, "V9");
      const { position } = feed.join;
      const isSame = position?.requests === message.position.requests && position.digest === message.position.digest;
      must(isSame, "D5", "DELTA begins where the newcomer has said that it is");
      begin(feed, message.position.v);
      feed.isWhole = true;
      return;
    }
    case "DIVERGED": {
      const { position } = feed.join;
      const isOther = position?.requests === message.position.requests && position.digest !== message.position.digest;
      must(isOther, "D5", "a newcomer has diverged if its digest at the same position is another one");
      return;
    }
    case "FOLLOW":
      must(feed.isWhole, "V9", "what follows is sent after the whole snapshot, or DELTA");
      for (const request of message.requests) follow(from, feed, message.v, request);
      return;
    case "VIEWED":
      must(feed.isWhole, "V9", "what follows is sent after the whole snapshot, or DELTA");
      must(message.v > feed.v && message.v <= from.v, "V9", "a donor tells the views that it has installed, in order");
      feed.v = message.v;
      return;
    case "STATE":
      return state(from, feed, message, shared);
  }
}

/** The feed begins: with a new snapshot, or a DELTA. */
export function begin(feed: Feed, v: number): void {
  feed.v = v;
  feed.hasBegun = false;
  feed.fetched = undefined;
  feed.offset =
    feed.events =
    feed.count =
    feed.lastV =
      0;
  feed.last = firstUid;
  feed.isWhole = false;
}

function piece(from: ReplicaFacts, feed: Feed, { v, offset, final, bytes }: MessageOf<"PIECE">): void {
  must(v <= from.v, "V9", "a snapshot was taken in a view that its donor was in");
  if (offset === 0) {
    begin(feed, v);
    feed.hasBegun = true;
  } else {
    must(feed.fetched === offset, "V9", "a donor sends a piece that was fetched");
    must(offset === feed.offset && !feed.isWhole, "V9", "the pieces of a snapshot follow each other");
  }
  feed.offset = offset + bytes.length;
  must(bytes.length > 0 || final, "V9", "each piece brings the newcomer further");
  feed.isWhole = final;
}

function follow(from: ReplicaFacts, feed: Feed, v: number, request: CarriedRequest): void {
  const name = nameOf(request.client, request.seq);
  must(v >= feed.lastV && v <= from.v, "V9", "a donor sends what it has executed, view by view");
  if (v > feed.lastV) feed.last = firstUid;
  // In a view of one member, the order is that of receipt.
  const isAlone = v === from.v && from.members.length === 1;
  must(
    isAlone || from.v !== v || compareUid(request, feed.last) > 0,
    "V9",
    `a donor sends in the order of execution: ${name}`,
  );
  feed.lastV = v;
  feed.last = request;
  if (v !== from.v || from.isRecovered) return;
  const isDelivered = from.view(v).client(request.client).requests.some(({ seq, ts }) =>
    seq === request.seq && ts === request.ts
  );
  must(isDelivered, "V9", `a donor sends requests that were delivered to it: ${name}`);
}

function state(from: ReplicaFacts, feed: Feed, message: MessageOf<"STATE">, shared: SharedFacts): void {
  const { v, ballot, pending } = message;
  must(v === from.v && ballot.id === from.id, "V9", "the coordinator of a round sends its own state");
  must(feed.isWhole, "V9", "a clone has the whole snapshot");
  const view = from.view();
  for (const { id } of from.others) {
    const isReported = view.reports.has(roundOf(`r${id}`, ballot)) || shared.dead.has(`r${id}`);
    must(isReported, "V9", `STATE is sent once all have reported: r${id}`);
  }
  let last = firstUid;
  for (const request of pending) {
    const name = nameOf(request.client, request.seq);
    must(compareUid(request, last) > 0, "V9", `what is pending is in the order of the uids: ${name}`);
    must(
      feed.lastV !== v || compareUid(request, feed.last) > 0 || from.members.length === 1,
      "V9",
      `${name} was executed`,
    );
    last = request;
    if (from.isRecovered) continue;
    const { requests } = view.client(request.client);
    const isDelivered = requests.some(({ seq, ts }) => seq === request.seq && ts === request.ts);
    must(isDelivered, "V9", `what is pending was delivered: ${name}`);
  }
}
