/** What a replica does with those who ask one question after the other, whatever they do. */

import { assert, assertEquals } from "@std/assert";
import { replicaTickMs, wireVersion } from "../../../src/limits.ts";
import { type Asker, Askers, type AskersHost } from "../../../src/net/server/askers.ts";
import { LinkBudgets } from "../../../src/net/link.ts";
import { linkTurnBytes, turns } from "../../../src/net/turns.ts";
import { Admission } from "../../../src/net/server/admission.ts";
import { testAccess, testPorts } from "../admitted.ts";
import { Reception } from "../../../src/net/server/reception.ts";
import type { Message } from "../../../src/protocol/wire/messages.ts";
import { Mailbox } from "../mailbox.ts";
import { testNeeding } from "../needing.ts";
import { RawClient } from "../raw_client.ts";
import { within } from "../within.ts";

const silentMs = 4 * replicaTickMs;
const cluster = "ab".repeat(16);

type Watcher = Asker<"WATCH">;

/** Somebody has asked, or was refused. */
type Happening = { readonly asker: Watcher; readonly refused?: undefined } | { readonly refused: string };

function watch(after: number): Message {
  return { kind: "WATCH", version: wireVersion, cluster: undefined, after };
}

/** Those who ask, and a test that decides when they are answered. */
class Stage {
  readonly happenings = new Mailbox<Happening>();
  readonly askers: Askers<"WATCH", AskersHost>;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #reception: Reception;

  constructor(askersMax: number) {
    this.askers = new Askers({ kind: "WATCH", purpose: "a watcher", askersMax, silentMs }, {
      words: { kind: "replica", notYet: "it has nothing" },
      refuse: (link, reason) => {
        this.happenings.push({ refused: reason });
        this.#reception.refuse(link, reason);
      },
      schedule: () => this.happenings.push({ asker: [...this.askers.asking].at(-1)! }),
    });
    testPorts.add(this.#listener.addr.port);
    this.#reception = new Reception({
      listener: this.#listener,
      budgets: new LinkBudgets(),
      admission: new Admission({ key: "ab".repeat(32), port: this.#listener.addr.port, access: testAccess }),
      overflowed: () => {},
      introduce: (link, message) => message.kind === "WATCH" ? this.askers.introduce(link, message) : undefined,
    });
    this.#reception.open();
  }

  /** A link that has sent nothing. */
  connect(): Promise<RawClient> {
    return RawClient.connect(this.#listener.addr.port);
  }

  /** A link that has asked, as the replica sees it and as the client does. */
  async asking(after = 0): Promise<{ client: RawClient; asker: Watcher }> {
    const client = await this.connect();
    client.send(watch(after));
    return { client, asker: await this.asked(after) };
  }

  /** Somebody has asked for what follows `after`. */
  async asked(after: number): Promise<Watcher> {
    const isIt = (event: Happening): event is Happening & { readonly asker: Watcher } =>
      event.refused === undefined && event.asker.question.after === after;
    return (await this.happenings.take("a question", isIt)).asker;
  }

  /** The next thing that happens. */
  next(): Promise<Happening> {
    return this.happenings.take("a question or a refusal", (event): event is Happening => event !== undefined);
  }

  answer(asker: Watcher, last: number, bytes = 0): void {
    this.askers.answer(asker, { kind: "ENTRIES", cluster, last, bytes: new Uint8Array(bytes) });
  }

  /** Lets running time pass, as the ticks of a replica do. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += replicaTickMs) this.askers.pass(replicaTickMs);
  }

  close(): void {
    this.askers.close();
    this.#reception.close();
  }
}

/** Declares a test; at most `askersMax` may ask at a time. */
function test(name: string, askersMax: number, fn: (stage: Stage) => Promise<void>): void {
  testNeeding(["net"], name, async () => {
    const stage = new Stage(askersMax);
    try {
      await fn(stage);
    } finally {
      stage.close();
    }
  });
}

test(
  "Askers: each question gets one answer, and those who wait stand in the order of their questions",
  3,
  async (stage) => {
    const first = await stage.asking(1);
    const second = await stage.asking(2);
    const third = await stage.asking(3);
    assertEquals([...stage.askers.asking].map(({ question }) => question.after), [1, 2, 3]);
    for (const { asker } of [first, third]) stage.answer(asker, 10);
    assertEquals([...stage.askers.asking], [second.asker]);
    for (const { client } of [first, third]) assertEquals((await client.next("ENTRIES")).last, 10);
    third.client.send(watch(30));
    assertEquals(await stage.asked(30), third.asker);
    first.client.send(watch(10));
    assertEquals(await stage.asked(10), first.asker);
    assertEquals([...stage.askers.asking], [second, third, first].map(({ asker }) => asker));
  },
);

test("Askers refuse a question that comes before the answer to the last one", 2, async (stage) => {
  const { client } = await stage.asking(1);
  client.send(watch(1));
  assertEquals(await client.refusal(), "WATCH: it came before the answer to the last one");
  // A flood in one piece.
  const other = await stage.connect();
  for (let count = 0; count < 10_000; count++) other.send(watch(7));
  assertEquals(await other.refusal(), "WATCH: it came before the answer to the last one");
  assertEquals(stage.askers.asking.size, 0);
  // At the other end, the link may still wait for a turn in which it finds that it is closed: this one comes after it.
  await turns.next({ turn: 0, bytes: linkTurnBytes }, 0, false);
});

test("Askers refuse a message that is not a question of theirs", 1, async (stage) => {
  const { client, asker } = await stage.asking();
  stage.answer(asker, 0);
  client.send({ kind: "STATUS", version: wireVersion, waits: false });
  assertEquals(await client.refusal(), "STATUS does not belong on the link of a watcher");
});

test("Askers are few, and one more is let in when one has ended, was refused, or is silent", 2, async (stage) => {
  const refused = async () => {
    const client = await stage.connect();
    client.send(watch(1));
    assertEquals(
      await client.refusal(),
      "WATCH: it serves 2 such links already; ask again later, or ask another replica",
    );
  };
  const [first, second] = [await stage.asking(1), await stage.asking(1)];
  await refused();
  stage.answer(second.asker, 2);
  const third = await stage.asking(3);
  assertEquals(await second.client.refusal(), "WATCH: others need its room; ask again later");
  await refused();
  stage.askers.refuse(first.asker, "it is enough");
  assertEquals(await first.client.refusal(), "it is enough");
  await stage.asking(4);
  await refused();
  await third.client.leave();
  for (;;) {
    stage.happenings.items.length = 0;
    const client = await stage.connect();
    client.send(watch(5));
    // The replica may not have seen the end yet.
    if ((await stage.next()).refused === undefined) break;
  }
});

test("Askers that do not read are refused, with two answers at most unsent", 1, async (stage) => {
  const answerBytes = 64 * 1024;
  const { client, asker } = await stage.asking(0);
  client.stall();
  let [answers, unsentMax] = [0, 0];
  for (let next: Happening = { asker }; next.refused === undefined; next = await stage.next()) {
    stage.answer(next.asker, ++answers, answerBytes);
    unsentMax = Math.max(unsentMax, asker.link.unsentBytes);
    assert(answers < 10_000, "nobody is ever refused");
    client.send(watch(answers));
  }
  assert(answers > 2 && unsentMax < 2 * (answerBytes + 64), `${unsentMax} bytes were unsent after ${answers} answers`);
  client.unstall();
  assertEquals(await client.refusal(), "WATCH: the answers are not read");
});

test("Askers that fall silent are let go, and those who wait for an answer are not", 3, async (stage) => {
  const [waiting, silent] = [await stage.asking(1), await stage.asking(2)];
  stage.pass(silentMs);
  stage.answer(silent.asker, 3);
  stage.pass(silentMs - replicaTickMs);
  const later = await stage.asking(4);
  stage.answer(later.asker, 5);
  // Only a little of the time counts in which a replica was stopped.
  stage.askers.pass(1_000_000);
  assertEquals(await silent.client.refusal(), `WATCH: nothing was asked for within ${silentMs} ms`);
  later.client.send(watch(5));
  await stage.asked(5);
  stage.pass(2 * silentMs);
  assertEquals([...stage.askers.asking], [waiting.asker, later.asker]);
});

test(
  "Askers.waitingFor() gives those who have waited for that long, and they may be answered meanwhile",
  3,
  async (stage) => {
    const ms = 2 * replicaTickMs;
    const waitingFor = () => [...stage.askers.waitingFor(ms)].map(({ question }) => question.after);
    const [first, second] = [await stage.asking(1), await stage.asking(2)];
    stage.pass(replicaTickMs);
    await stage.asking(3);
    assertEquals(waitingFor(), []);
    stage.pass(replicaTickMs);
    assertEquals(waitingFor(), [1, 2]);
    for (const asker of stage.askers.waitingFor(ms)) stage.answer(asker, 9);
    assertEquals(waitingFor(), []);
    for (const { client } of [first, second]) assertEquals((await client.next("ENTRIES")).last, 9);
    stage.pass(replicaTickMs);
    assertEquals(waitingFor(), [3]);
  },
);

test("Askers.close() ends all links", 2, async (stage) => {
  const [waiting, silent] = [await stage.asking(1), await stage.asking(2)];
  stage.answer(silent.asker, 3);
  stage.askers.close();
  for (const { client } of [waiting, silent]) await within("the end of the link", client.closed.promise);
});
