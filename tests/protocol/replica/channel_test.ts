import { assertEquals } from "@std/assert";
import { outstandingBytesMax, outstandingRequestsMax, windowRequests } from "../../../src/limits.ts";
import { Channel } from "../../../src/protocol/replica/channel.ts";
import { Channels } from "../../../src/protocol/replica/channels.ts";
import type { MessageOf } from "../../../src/protocol/wire/messages.ts";
import { Sessions, SessionState } from "../../../src/protocol/replica/sessions.ts";
import { batchOf } from "../wire/messages_of.ts";

function activeChannel(recv: number, agreed = recv): Channel {
  const channel = new Channel(new SessionState("1".repeat(32)));
  channel.active = true;
  channel.recv = recv;
  channel.agreed = agreed;
  channel.lastTs = 10;
  return channel;
}

const request: MessageOf<"REQUEST"> = {
  kind: "REQUEST",
  v: 1,
  seq: 6,
  ts: 11,
  agreed: 5,
  done: 5,
  end: false,
  commands: batchOf(new Uint8Array(1)),
};

Deno.test("Channel.faultOf() finds none in what a correct client sends next", () => {
  assertEquals(activeChannel(5).faultOf(request), undefined);
  assertEquals(activeChannel(5, 2).faultOf({ ...request, agreed: 2, done: 0 }), undefined);
  assertEquals(activeChannel(5).faultOf({ ...request, end: true, commands: new Uint8Array(0) }), undefined);
});

Deno.test("Channel.faultOf() names what a correct client never sends", () => {
  const faults: [Partial<MessageOf<"REQUEST">>, string][] = [
    [{ seq: 5 }, "6 was expected"],
    [{ seq: 7 }, "6 was expected"],
    [{ ts: 10 }, "its timestamp 10 is not above 10"],
    [{ agreed: 4 }, "agreed 4 cannot be"],
    [{ agreed: 6 }, "agreed 6 cannot be"],
    [{ done: 6 }, "done 6 cannot be"],
    [{ commands: new Uint8Array(0) }, "it has no commands"],
    [{ end: true }, "the end of a session has commands"],
  ];
  for (const [change, fault] of faults) {
    assertEquals(activeChannel(5).faultOf({ ...request, ...change }), fault);
  }
});

Deno.test("Channel.faultOf() bounds what is not agreed, not confirmed, and not answered", () => {
  const window = activeChannel(windowRequests, 0);
  assertEquals(
    window.faultOf({ ...request, seq: windowRequests + 1, agreed: 0, done: 0 }),
    `over ${windowRequests} requests are not agreed`,
  );
  const outputs = activeChannel(outstandingRequestsMax);
  assertEquals(
    outputs.faultOf({ ...request, seq: outstandingRequestsMax + 1, agreed: outstandingRequestsMax, done: 0 }),
    `over ${outstandingRequestsMax} outputs are not confirmed`,
  );
  const bytes = activeChannel(4);
  bytes.received(5, outstandingBytesMax, 4);
  assertEquals(bytes.faultOf({ ...request, done: 4 }), `over ${outstandingBytesMax} bytes are not answered`);
});

Deno.test("Channel.faultOf() does not count what is answered, though it may wait here, behind another", () => {
  const channel = activeChannel(0);
  const bytes = outstandingBytesMax / 4;
  for (let seq = 1; seq <= 20; seq++) {
    const next = { ...request, seq, ts: seq + 100, agreed: seq - 1, done: seq - 1, commands: new Uint8Array(bytes) };
    assertEquals(channel.faultOf(next), undefined);
    channel.received(seq, bytes, seq - 1);
  }
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
  channels.link(channel, 4, 70);
  channel.active =
    channel.barred =
    channel.ending =
    channel.ackDue =
      true;
  channel.nudgedTs = 5;
  channel.received(1, 5, 0);
  channel.session.executed = 7;
  sessions.add(channel.session);
  channels.reset(90);
  const fresh = new Channel(channel.session);
  fresh.link = 4;
  fresh.heardAtMs = 70;
  assertEquals([...channels], [fresh]);
  assertEquals([channels.at(4), channels.of(gone.client).base], [fresh, 0]);
});
