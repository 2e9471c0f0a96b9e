import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ByteWriter, DecodeError } from "../../src/bytes.ts";
import { FrameReader, writeFrame } from "../../src/framing.ts";
import { batchBytesMax, frameBytesMax, unsentBytesMax } from "../../src/limits.ts";
import { dial, Link, splitAddress } from "../../src/net/link.ts";
import { decode, encode } from "../../src/protocol/wire/codec.ts";
import type { Message } from "../../src/protocol/wire/messages.ts";
import { Mailbox } from "./mailbox.ts";
import { testNeeding } from "./needing.ts";
import { within } from "./within.ts";

/** One end of a link, and all that its handler was told. */
class End {
  readonly link: Link;
  readonly received = new Mailbox<Message>();
  /** The reason of each end that was told. */
  readonly endings: (string | undefined)[] = [];
  readonly #closed = Promise.withResolvers<string | undefined>();

  constructor(connection: Deno.TcpConn) {
    this.link = new Link(connection, {
      onMessage: (_, message) => this.received.push(message),
      onClosed: (_, reason) => {
        this.endings.push(reason);
        this.#closed.resolve(reason);
      },
    });
  }

  get closed(): Promise<string | undefined> {
    return within("the end of a link", this.#closed.promise);
  }

  /** The small message of this number. */
  nudge(ts: number): Promise<Message> {
    return this.received.first(`NUDGE ${ts}`, (message) => message.kind === "NUDGE" && message.ts === ts);
  }

  get nudges(): number[] {
    return this.received.items.flatMap((message) => message.kind === "NUDGE" ? [message.ts] : []);
  }
}

/** Two ends of one TCP connection. */
async function connected(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return await Promise.all([Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }), listener.accept()]);
}

async function linked(): Promise<[End, End]> {
  const [a, b] = await connected();
  return [new End(a), new End(b)];
}

function nudge(ts: number): Message {
  return { kind: "NUDGE", v: 1, ts };
}

/** An output of that many bytes. */
function output(seq: number, bytes: number): Message {
  const outputs = new ByteWriter(bytes + 8);
  outputs.blob(new Uint8Array(bytes).fill(seq));
  return { kind: "OUTPUT", v: 1, clock: 0, seq, index: 1, outputs: outputs.copy() };
}

function frameOf(message: Message): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writeFrame(writer, encode, message);
  return writer.copy();
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** All messages that come by a connection until its end. */
async function readAll(connection: Deno.TcpConn): Promise<Message[]> {
  const reader = new FrameReader(frameBytesMax);
  const messages: Message[] = [];
  for (;;) {
    const count = await connection.read(reader.space());
    if (count === null) return messages;
    reader.filled(count);
    while (reader.next()) messages.push(decode(reader.bytes, reader.start, reader.end));
  }
}

testNeeding(["net"], "Link.send() carries messages of any size whole and in order", async () => {
  const [a, b] = await linked();
  const sent = [nudge(1), output(2, batchBytesMax - 8), nudge(3), output(4, 100_000), output(5, 0), nudge(6)];
  for (const message of sent) a.link.send(message);
  await b.nudge(6);
  assertEquals(b.received.items, sent);
  a.link.abort();
  assertEquals(await b.closed, undefined);
});

testNeeding(["net"], "Link.unsentBytes counts what was sent and not taken, and nothing once it was", async () => {
  const [a, b] = await linked();
  assertEquals(a.link.unsentBytes, 0);
  a.link.send(nudge(1));
  const one = a.link.unsentBytes;
  assertEquals(one, frameOf(nudge(1)).length);
  a.link.send(nudge(2));
  assertEquals(a.link.unsentBytes, 2 * one);
  // Part of it is being written, part of it waits.
  await Promise.resolve();
  a.link.send(nudge(3));
  assertEquals(a.link.unsentBytes, 3 * one);
  await b.nudge(3);
  b.link.send(nudge(4));
  await a.nudge(4);
  assertEquals(a.link.unsentBytes, 0);
  a.link.abort();
  b.link.abort();
});

testNeeding(["net"], "Link.send() keeps the order while a write is under way, in both directions", async () => {
  const [a, b] = await linked();
  for (let turn = 0; turn < 20; turn++) {
    for (const [at, { link }] of [a, b].entries()) {
      link.send(output(turn, 200_000 * at + 100_000));
      for (let k = 0; k < 10; k++) link.send(nudge(turn * 10 + k));
    }
    await Promise.resolve();
  }
  await Promise.all([a.nudge(199), b.nudge(199)]);
  const all = Array.from({ length: 200 }, (_, seq) => seq);
  assertEquals([a.nudges, b.nudges], [all, all]);
  a.link.abort();
  b.link.abort();
});

testNeeding(["net"], "Link takes frames however they are cut", async () => {
  const [connection, other] = await connected();
  connection.setNoDelay(true);
  const end = new End(other);
  for (const byte of frameOf(output(7, 40))) await writeAll(connection, Uint8Array.of(byte));
  const glued = new Uint8Array([...frameOf(nudge(1)), ...frameOf(nudge(2)), ...frameOf(nudge(3)).subarray(0, 5)]);
  await writeAll(connection, glued);
  await end.nudge(2);
  await writeAll(connection, frameOf(nudge(3)).subarray(5));
  await end.nudge(3);
  assertEquals(end.received.items, [output(7, 40), nudge(1), nudge(2), nudge(3)]);
  connection.close();
  assertEquals(await end.closed, undefined);
});

testNeeding(["net"], "Link hands over all that came before the end, and tells the end once", async () => {
  const [connection, other] = await connected();
  const end = new End(other);
  await writeAll(connection, new Uint8Array([...frameOf(nudge(1)), ...frameOf(nudge(2)), 0, 0]));
  connection.close();
  assertEquals(await end.closed, undefined, "half a frame at the end is a lost tail");
  assertEquals(end.nudges, [1, 2]);
  end.link.close();
  end.link.abort();
  assertEquals(end.endings.length, 1);
});

for (
  const [what, bytes, reason] of [
    ["an empty frame", [0, 0, 0, 0], "a frame is empty"],
    ["a frame over the bound", [0, 255, 255, 255], "a frame of 16777215 bytes is over the bound of 1049600"],
    ["a frame of a size with the highest bit", [255, 0, 0, 0, 1], "a frame of 4278190080 bytes is over the bound"],
    ["an unknown kind", [0, 0, 0, 1, 0xee], "no message has the code 238"],
    ["a message that ends too early", [0, 0, 0, 2, 0x14, 1], "the bytes end too early"],
    ["bytes that are left over", [0, 0, 0, 4, 0x14, 1, 1, 1], "1 bytes are left over"],
    ["an integer that is too long", [0, 0, 0, 4, 0x14, 0x80, 0, 1], "an integer is longer than it needs to be"],
  ] as const
) {
  testNeeding(["net"], `Link closes a link that brings ${what}, and says why`, async () => {
    const [connection, other] = await connected();
    const end = new End(other);
    await writeAll(connection, new Uint8Array([...frameOf(nudge(1)), ...bytes, ...frameOf(nudge(2))]));
    const [refused, ...more] = await within("REFUSED", readAll(connection));
    assertEquals(more, []);
    assert(refused.kind === "REFUSED");
    assertStringIncludes(refused.reason, reason);
    assertStringIncludes(await end.closed ?? "", reason);
    assertEquals(end.nudges, [1], "what came before stands, what came after does not");
    connection.close();
    await within("the end of the link", end.link.close());
  });
}

testNeeding(["net"], "Link.close() lets the last message arrive, though the other end writes on", async () => {
  const [connection, other] = await connected();
  const end = new End(other);
  await writeAll(connection, frameOf(nudge(1)));
  await end.nudge(1);
  end.link.send({ kind: "REFUSED", reason: "enough", cluster: undefined });
  const gone = end.link.close();
  end.link.send(nudge(9));
  // A close while these wait unread would reset the connection, and the reason would be lost.
  for (let seq = 2; seq < 6; seq++) await writeAll(connection, frameOf(output(seq, 500_000)));
  assertEquals(await within("REFUSED", readAll(connection)), [
    { kind: "REFUSED", reason: "enough", cluster: undefined },
  ]);
  connection.close();
  await within("the end of the link", gone);
  assertEquals([end.nudges, end.received.items.length, end.endings], [[1], 1, []]);
});

testNeeding(
  ["net"],
  "Link hands nothing over after it was closed, though more has come with the last message",
  async () => {
    const [near, far] = await connected();
    const taken: number[] = [];
    const link = new Link(near, {
      onMessage: (link, message) => {
        if (message.kind === "NUDGE") taken.push(message.ts);
        link.close();
      },
      onClosed: () => {},
    });
    // All three are read in one piece.
    await writeAll(far, Uint8Array.of(...[1, 2, 3].flatMap((seq) => [...frameOf(nudge(seq))])));
    await far.closeWrite();
    assertEquals(await readAll(far), []);
    await within("the end of the link", link.close());
    assertEquals(taken, [1]);
    far.close();
  },
);

testNeeding(["net"], "Links that were dialled write together to each destination", async () => {
  const listeners = ["a", "b"].map((name) => ({ name, listener: Deno.listen({ hostname: "127.0.0.1", port: 0 }) }));
  const written: string[] = [];
  const { connect } = Deno;
  // Notes the writes where they are made: nobody can see at the other end which of two links was written to first.
  const noting = async (options: Deno.ConnectOptions) => {
    const connection = await connect(options);
    const { name } = listeners.find(({ listener }) => listener.addr.port === options.port)!;
    const write = connection.write.bind(connection);
    connection.write = (bytes) => {
      written.push(name);
      return write(bytes);
    };
    return connection;
  };
  const handler = { onMessage: () => {}, onClosed: () => {} };
  const links: Link[] = [];
  const accepted: Deno.TcpConn[] = [];
  try {
    Deno.connect = noting as typeof Deno.connect;
    for (let session = 0; session < 3; session++) {
      for (const { listener } of listeners) {
        links.push(await dial(`127.0.0.1:${listener.addr.port}`, handler));
        accepted.push(await listener.accept());
      }
    }
    for (const [at, link] of links.entries()) link.send(nudge(at));
    for (const connection of accepted) await within("a frame", connection.read(new Uint8Array(64)));
    assertEquals(written, ["a", "a", "a", "b", "b", "b"]);
  } finally {
    Deno.connect = connect;
    for (const link of links) link.abort();
    for (const connection of accepted) connection.close();
    for (const { listener } of listeners) listener.close();
  }
});

testNeeding(["net"], "Link says what was wrong also to one that has said all that it has to say", async () => {
  for (let round = 0; round < 50; round++) {
    const [connection, other] = await connected();
    const end = new End(other);
    await writeAll(connection, new Uint8Array([0, 0, 0, 1, 0xee]));
    await connection.closeWrite();
    const messages = await within("REFUSED", readAll(connection));
    assertEquals(messages.map(({ kind }) => kind), ["REFUSED"], `round ${round}`);
    connection.close();
    await within("the end of the link", end.link.close());
  }
});

testNeeding(["net"], "Link.close() waits a bounded time for an end that neither reads nor closes", async () => {
  // A message that is larger than the buffers between the two is never sent whole.
  for (const message of [nudge(1), output(1, 20_000_000)]) {
    const [connection, other] = await connected();
    const end = new End(other);
    end.link.send(message);
    await Promise.resolve();
    const gone = end.link.close();
    await within("the end of the link", gone);
    connection.close();
  }
});

testNeeding(["net"], "Link.pause() leaves later messages with their sender, until resume()", async () => {
  const [a, b] = await linked();
  const [c, d] = await linked();
  b.link.pause();
  a.link.send(nudge(1));
  a.link.send(nudge(2));
  for (let turn = 0; turn < 10; turn++) {
    c.link.send(nudge(turn));
    await d.nudge(turn);
  }
  assertEquals(b.nudges, []);
  b.link.resume();
  await b.nudge(2);
  assertEquals(b.nudges, [1, 2]);
  b.link.pause();
  const gone = b.link.close();
  assertEquals(await a.closed, undefined, "a link that is paused can be closed");
  await within("the end of the link", gone);
  c.link.abort();
  d.link.abort();
});

testNeeding(["net"], "Link.send() closes a link whose other end does not read, once too much waits", async () => {
  const [connection, other] = await connected();
  const end = new End(other);
  const large = output(1, 1_000_000);
  let sent = 0;
  while (end.endings.length === 0) {
    end.link.send(large);
    sent += 1_000_000;
    assert(sent < 2 * unsentBytesMax);
  }
  assert(sent >= unsentBytesMax);
  assertStringIncludes(end.endings[0] ?? "", "bytes wait and are not read");
  end.link.send(nudge(1));
  connection.close();
});

testNeeding(["net"], "Link.abort() tells its handler nothing, and the other end that it is over", async () => {
  const [a, b] = await linked();
  a.link.abort();
  a.link.send(nudge(1));
  await b.closed;
  assertEquals([a.endings, b.nudges], [[], []]);
});

testNeeding(["net"], "Link takes a reset for the end", async () => {
  const [connection, other] = await connected();
  const end = new End(other);
  end.link.send(nudge(1));
  await connection.readable.getReader({ mode: "byob" }).read(new Uint8Array(1));
  // A close with unread bytes is a reset.
  connection.close();
  assertEquals(await end.closed, undefined);
});

testNeeding(["net"], "dial() rejects where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const handler = { onMessage: () => {}, onClosed: () => {} };
  await assertRejects(() => dial(`127.0.0.1:${port}`, handler), Deno.errors.ConnectionRefused);
});

Deno.test("splitAddress() takes the port after the last colon, and an IPv6 host out of its brackets", () => {
  assertEquals(splitAddress("127.0.0.1:8892"), { hostname: "127.0.0.1", port: 8892 });
  assertEquals(splitAddress("localhost:1"), { hostname: "localhost", port: 1 });
  assertEquals(splitAddress("[::1]:65535"), { hostname: "::1", port: 65535 });
});

testNeeding(
  ["net"],
  "Link blames its other end for no error of its own handler, though that looks like one of a frame",
  async () => {
    const [a, b] = await connected();
    const sender = new End(a);
    const failure = Promise.withResolvers<unknown>();
    const listener = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      failure.resolve(event.reason);
    };
    addEventListener("unhandledrejection", listener);
    const link = new Link(b, {
      onMessage: () => {
        throw new DecodeError("a fault of ours");
      },
      onClosed: () => {},
    });
    try {
      sender.link.send(nudge(1));
      const reason = await within("the failure", failure.promise);
      assert(reason instanceof DecodeError);
      link.send(nudge(2));
      await sender.nudge(2);
      assertEquals(sender.received.items.map(({ kind }) => kind), ["NUDGE"]);
    } finally {
      removeEventListener("unhandledrejection", listener);
      sender.link.abort();
      link.abort();
    }
  },
);
