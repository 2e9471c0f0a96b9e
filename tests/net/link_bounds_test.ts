/** What a link may take of the event loop and of the memory that it shares with others. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { keptBufferBytes, writeFrame } from "../../src/framing.ts";
import { Link, LinkBudgets } from "../../src/net/link.ts";
import { linkTurnBytes } from "../../src/net/turns.ts";
import { encode } from "../../src/protocol/wire/codec.ts";
import type { Message } from "../../src/protocol/wire/messages.ts";
import { testNeeding } from "./needing.ts";
import { within } from "./within.ts";

const firstFrameBytesMax = 100;

/** An end of a link that counts what comes, and the connection at its other end. */
class Near {
  readonly far: Deno.TcpConn;
  readonly link: Link;
  count = 0;
  onMessage = () => {};
  /** Resolves with the reason when the link has ended. */
  readonly ended = Promise.withResolvers<string | undefined>();
  #look = () => {};

  private constructor(near: Deno.TcpConn, far: Deno.TcpConn, budgets: LinkBudgets | undefined) {
    this.far = far;
    const handler = {
      onMessage: () => {
        this.count++;
        this.onMessage();
        this.#look();
      },
      onClosed: (_: Link, reason?: string) => this.ended.resolve(reason),
    };
    this.link = new Link(near, handler, budgets && { budgets, firstFrameBytesMax });
  }

  /** Opens one; `before` is given its other end first. */
  static async open(budgets?: LinkBudgets, before = (_: Deno.TcpConn) => Promise.resolve()): Promise<Near> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const [far, near] = await Promise.all([Deno.connect({ hostname: "127.0.0.1", port }), listener.accept()]);
    await before(far);
    return new Near(near, far, budgets);
  }

  /** Resolves when that many messages have come. */
  async received(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#look = () => this.count >= count && resolve();
    this.#look();
    await within(`message ${count}`, promise);
  }

  close(): void {
    this.link.abort();
    this.far.close();
  }
}

/** A frame with an output of about that many bytes. */
function frameOf(bytes: number): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writeFrame(writer, encode, output(bytes));
  return writer.copy();
}

function output(bytes: number): Message {
  const outputs = new ByteWriter(bytes + 8);
  outputs.blob(new Uint8Array(bytes));
  return { kind: "OUTPUT", v: 1, clock: 0, seq: 1, index: 1, outputs: outputs.copy() };
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

testNeeding(["net"], "Link lets others have a turn though it always has something to read", async () => {
  const frame = frameOf(100);
  const frames = 10_000;
  const flood = new Uint8Array(frames * frame.length);
  for (let at = 0; at < flood.length; at += frame.length) flood.set(frame, at);
  let writing: Promise<void> | undefined;
  const near = await Near.open(undefined, async (far) => {
    writing = writeAll(far, flood);
    // Until as much waits as the system holds.
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
  // The timer is set before those of the link.
  await new Promise((resolve) => setTimeout(resolve, 0));
  const counts = near.count * frame.length;
  assert(counts <= 2 * linkTurnBytes, `${counts} bytes were handed over before anybody else had a turn`);
  await near.received(frames);
  await writing;
  near.close();
});

testNeeding(["net"], "Link takes small frames only, until its other end has said who it is", async () => {
  const near = await Near.open(new LinkBudgets());
  await writeAll(near.far, frameOf(10));
  await near.received(1);
  near.link.welcome();
  await writeAll(near.far, frameOf(10_000));
  await near.received(2);
  near.close();
  const stranger = await Near.open(new LinkBudgets());
  await writeAll(stranger.far, frameOf(firstFrameBytesMax));
  assertStringIncludes(await stranger.ended.promise ?? "", `over the bound of ${firstFrameBytesMax}`);
  stranger.close();
});

testNeeding(
  ["net"],
  "Links that hold unfinished frames have a bound in sum, and the oldest frames go first",
  async () => {
    const frame = frameOf(4 * keptBufferBytes);
    const budgets = new LinkBudgets(10 * frame.length);
    const nears: Near[] = [];
    const begin = async () => {
      const near = await Near.open(budgets);
      nears.push(near);
      near.link.welcome();
      await writeAll(near.far, frame.subarray(0, frame.length - 1));
      return near;
    };
    const busy = await begin();
    let dropped = 0;
    for (let count = 1; count < 30; count++) {
      const near = await begin();
      near.ended.promise.then(() => dropped++);
      // One that finishes its frames keeps its place.
      await writeAll(busy.far, Uint8Array.of(...frame.subarray(-1), ...frame.subarray(0, frame.length - 1)));
      await busy.received(count);
    }
    assertStringIncludes(await within("the first to go", nears[1].ended.promise) ?? "", "others need the room");
    assert(
      dropped >= 10 && dropped < 29 && budgets.unfinished.bytes <= 10 * frame.length,
      `${dropped} links have ended`,
    );
    for (const near of nears) near.close();
    assertEquals(budgets.unfinished.bytes, 0);
  },
);

testNeeding(["net"], "Links that are not read have a bound in sum, and one that is read stays", async () => {
  const unsentMax = 16 * 1024 * 1024;
  const budgets = new LinkBudgets(undefined, unsentMax);
  const [read, ...unread] = [await Near.open(budgets), await Near.open(budgets), await Near.open(budgets)];
  const reading = (async () => {
    for await (const _ of read.far.readable);
  })();
  let dropped: string | undefined;
  for (const near of unread) near.ended.promise.then((reason) => dropped ??= reason);
  let sent = 0;
  // What the system holds of each comes on top.
  for (; dropped === undefined && sent < 10 * unsentMax; sent += 1_000_000) {
    for (const { link } of [read, ...unread]) link.send(output(500_000));
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert(budgets.unsent.bytes <= unsentMax);
  }
  assertStringIncludes(dropped ?? "", "which it does not read");
  const isOver = await Promise.race([read.ended.promise.then(() => true), Promise.resolve(false)]);
  assert(!isOver, "the link that is read has ended");
  read.link.abort();
  await reading;
  for (const near of unread) near.close();
});

testNeeding(["net"], "Link keeps little memory for one that has sent much and says nothing more", async () => {
  const budgets = new LinkBudgets();
  const near = await Near.open(budgets);
  near.link.welcome();
  for (let count = 1; count <= 3; count++) {
    await writeAll(near.far, frameOf(1_000_000));
    await writeAll(near.far, frameOf(10));
    await near.received(2 * count);
  }
  assertEquals(budgets.unfinished.bytes, 0);
  near.close();
});

testNeeding(["net"], "Link that has ended counts for nothing, though a read was under way", async () => {
  for (let round = 0; round < 20; round++) {
    const budgets = new LinkBudgets();
    const [ending, other] = [await Near.open(budgets), await Near.open(budgets)];
    ending.link.welcome();
    await writeAll(ending.far, frameOf(1_000_000).subarray(0, 100_000));
    while (budgets.unfinished.bytes < 100_000) await new Promise((resolve) => setTimeout(resolve, 0));
    // Both reads have their result in the same turn, mostly.
    other.onMessage = () => ending.link.abort();
    await Promise.all([writeAll(other.far, frameOf(10)), writeAll(ending.far, Uint8Array.of(0))]);
    await other.received(1);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(budgets.unfinished.bytes, 0, `round ${round}`);
    ending.close();
    other.close();
  }
});
