import { assertEquals } from "@std/assert";
import {
  outstandingBytesMax,
  outstandingRequestsMax,
  promiseAhead,
  promiseDebtMax,
  timestampMax,
} from "../../../src/limits.ts";
import { Channel, type PendingRequest } from "../../../src/protocol/replica/channel.ts";
import { Channels } from "../../../src/protocol/replica/channels.ts";
import type { MessageOf } from "../../../src/protocol/wire/messages.ts";
import { Sessions, SessionState } from "../../../src/protocol/replica/sessions.ts";
import { batchOf } from "../wire/messages_of.ts";

function activeChannel(recv: number): Channel {
  const channel = new Channel(new SessionState("1".repeat(32)));
  channel.active = true;
  channel.recv = recv;
  channel.lastTs = 10;
  return channel;
}

const request: MessageOf<"REQUEST"> = {
  kind: "REQUEST",
  v: 1,
  seq: 6,
  ts: 11,
  upto: 27,
  done: 5,
  end: false,
  commands: batchOf(new Uint8Array(1)),
};

Deno.test("Channel.faultOf() finds none in what a correct client sends next", () => {
  assertEquals(activeChannel(5).faultOf(request), undefined);
  assertEquals(activeChannel(5).faultOf({ ...request, done: 0, upto: 11 }), undefined);
  assertEquals(activeChannel(5).faultOf({ ...request, upto: timestampMax }), undefined);
  assertEquals(activeChannel(5).faultOf({ ...request, end: true, commands: new Uint8Array(0) }), undefined);
});

Deno.test("Channel.faultOf() names what a correct client never sends", () => {
  const faults: [Partial<MessageOf<"REQUEST">>, string][] = [
    [{ seq: 5 }, "6 was expected"],
    [{ seq: 7 }, "6 was expected"],
    [{ ts: 10 }, "its timestamp 10 is not above 10"],
    [{ upto: 10 }, "it has the timestamp 11 and promises 10"],
    [{ upto: timestampMax + 1 }, `it has the timestamp 11 and promises ${timestampMax + 1}`],
    [{ done: 6 }, "done 6 cannot be"],
    [{ commands: new Uint8Array(0) }, "it has no commands"],
    [{ end: true }, "the end of a session has commands"],
  ];
  for (const [change, fault] of faults) {
    assertEquals(activeChannel(5).faultOf({ ...request, ...change }), fault);
  }
});

/** A request that was received. */
function pendingOf(channel: Channel, seq: number, bytes = 1): PendingRequest {
  const commands = new Uint8Array(bytes);
  const { client } = channel;
  return { channel, client, seq, ts: seq, end: false, commands, sum: undefined, isTold: false, tellers: 0 };
}

Deno.test("Channel.isFull while more waits than a client has under way, until some is executed", () => {
  for (const [count, bytes] of [[outstandingRequestsMax, 1], [8, outstandingBytesMax / 8]]) {
    const channel = activeChannel(0);
    const requests = Array.from({ length: count + 1 }, (_, at) => pendingOf(channel, at + 1, bytes));
    for (const request of requests.slice(0, -1)) channel.received(request);
    assertEquals(channel.isFull, false);
    channel.received(requests[count]);
    assertEquals([channel.isFull, channel.waitingBytes], [true, (count + 1) * bytes]);
    channel.executed(requests[0]);
    assertEquals([channel.isFull, channel.waitingBytes], [false, count * bytes]);
  }
});

Deno.test("Channel.waitingAt() finds what was received in this view and is not executed, by its seq", () => {
  const channel = activeChannel(5);
  const [six, seven] = [6, 7].map((seq) => pendingOf(channel, seq));
  channel.received(six);
  channel.received(seven);
  const found = () => [5, 6, 7, 8].map((seq) => channel.waitingAt(seq)?.seq);
  assertEquals(found(), [undefined, 6, 7, undefined]);
  channel.executed(six);
  assertEquals(found(), [undefined, undefined, 7, undefined]);
});

Deno.test("Channel.faultOf() refuses requests before RESUME and after the end of the session", () => {
  const idle = activeChannel(5);
  idle.active = false;
  assertEquals(idle.faultOf(request), "it came before RESUME");
  const ending = activeChannel(5);
  ending.ending = true;
  assertEquals(ending.faultOf(request), "it came after the end of the session");
});

Deno.test("Channels.reset() forgets everything that belongs to a view, and begins at what was executed", () => {
  const sessions = new Sessions();
  const channels = new Channels(sessions);
  const channel = channels.of("1".repeat(32));
  const gone = channels.of("2".repeat(32));
  channels.link(channel, 4);
  channel.active =
    channel.barred =
    channel.ending =
      true;
  channel.nudgedTs = channel.lastTs = channel.heldUpMs = 5;
  channel.received(pendingOf(channel, 1));
  channel.session.executed = 7;
  sessions.add(channel.session);
  channels.reset(90);
  const fresh = new Channel(channel.session);
  fresh.link = 4;
  assertEquals([...channels], [fresh]);
  assertEquals([channels.at(4), channels.of(gone.client).base], [fresh, 0]);
});

Deno.test("Channel.faultOf() finds a client whose promises are short in sum, however it stamps", () => {
  const channel = activeChannel(0);
  channel.lastTs = 0;
  const { end, commands } = request;
  const { client } = channel;
  const faultOf = (seq: number, upto: number) => channel.faultOf({ ...request, seq, ts: seq, upto, done: 0 });
  // The first one promises 16 too few, and each that follows 15 more, as it is one later.
  const free = Math.floor((promiseDebtMax - 1) / (promiseAhead - 1));
  for (let seq = 1; seq <= free; seq++) {
    assertEquals(faultOf(seq, seq), undefined);
    channel.received({ ts: seq, client, channel, seq, end, commands, sum: undefined, isTold: false, tellers: 0 });
    channel.lastTs = seq;
  }
  const owed = (promiseAhead - 1) * (free + 1) + 1;
  assertEquals(faultOf(free + 1, free + 1), `its client has to promise ${owed} more`);
  // One that is new has been told of it, and may owe nothing.
  assertEquals(faultOf(free + 1, free + 1 + owed), undefined);
  channel.pace = 2;
  assertEquals(faultOf(free + 1, free + 1 + owed), `its client has to promise ${promiseAhead} more`);
});
