import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Donor } from "../../../src/protocol/replica/donor.ts";
import { Journal } from "../../../src/protocol/replica/journal.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import { Newcomer } from "../../../src/protocol/replica/newcomer.ts";
import { Order } from "../../../src/protocol/replica/order.ts";
import type { Member } from "../../../src/uid.ts";
import { allOf } from "../../../src/snapshot.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";
import { batchOf } from "../wire/messages_of.ts";
import { diskOf, donorOf, request, self } from "./newcomer_stage.ts";

/** What happens while a newcomer is fed: the numbers choose. */
type Step = readonly [kind: "execute" | "view" | "turn" | "deliver" | "answer" | "disk" | "next", number: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(
    "execute",
    "execute",
    "view",
    "turn",
    "turn",
    "deliver",
    "deliver",
    "answer",
    "answer",
    "disk",
    "next",
  ),
  fc.nat(9),
);

/** A newcomer with donors, one after the other, all with the same order, as members have; and what is under way. */
class Feeding {
  readonly order = donorOf(20);
  readonly newcomer: Order;
  readonly #join: MeshMessage & { readonly kind: "JOIN" };
  readonly #journal: Journal | undefined;
  readonly #fed: Newcomer;
  #donor: Donor;
  /** By donor: what comes by one link stays in order. */
  readonly #toNewcomer: MeshMessage[][] = [];
  /** To the present donor. */
  #toDonor: MeshMessage[] = [];
  #seq = 20;

  /** @param had how many requests it has executed; undefined: it comes without data. */
  constructor(had: number | undefined, hasDisk: boolean) {
    const data = had === undefined ? undefined : donorOf(had);
    this.newcomer = data ?? new Order(new DigestMachine(), true);
    this.#join = { kind: "JOIN", member: self, position: data?.position };
    this.#journal = hasDisk ? new Journal() : undefined;
    const disk = this.#journal && diskOf(this.#journal);
    this.#fed = new Newcomer(
      {
        order: this.newcomer,
        disk,
        send: (to, message) => {
          if (to === this.#toNewcomer.length - 1) this.#toDonor.push(message);
        },
        effect: () => {},
        restored: () => {},
        halt: (reason) => {
          throw new Error(reason);
        },
      },
      self,
      data !== undefined,
      undefined,
    );
    this.#donor = this.#newDonor();
  }

  #newDonor(): Donor {
    const queue: MeshMessage[] = [];
    this.#toNewcomer.push(queue);
    const donor = new Donor(this.order, (_, message) => queue.push(message));
    donor.remember(this.#join);
    donor.feed();
    return donor;
  }

  execute(commands: Uint8Array): void {
    this.order.follow(this.order.v, { ...request(++this.#seq), commands });
  }

  view(): void {
    this.order.viewed(this.order.v + 1, []);
  }

  turn(): void {
    this.#donor.send();
  }

  /** A message of any donor, living or dead, arrives. */
  deliver(number: number): void {
    const donor = number % this.#toNewcomer.length;
    const message = this.#toNewcomer[donor].shift();
    if (message !== undefined) this.#fed.received(donor, message);
  }

  /** A message of the newcomer arrives. */
  answer(): void {
    const message = this.#toDonor.shift();
    if (message?.kind === "JOIN") {
      this.#donor.remember(message);
      this.#donor.feed();
    } else if (message?.kind === "FETCH") this.#donor.fetch(self.id, message.offset);
    else if (message?.kind === "FOLLOWED") this.#donor.followed(self.id, message.count);
  }

  /** Everything that waits for the disk is on it. */
  disk(): void {
    this.#journal?.release();
    this.#fed.kept();
  }

  /** The donor dies, with what was under way to it; the next one begins in a later view, and knows the first JOIN. */
  next(): void {
    this.#donor.stop();
    this.#toDonor = [];
    this.view();
    this.#donor = this.#newDonor();
  }

  /** Runs until nothing is left to do; returns who has caught up. */
  end(): readonly Member[] {
    for (let isBusy = true; isBusy;) {
      this.disk();
      this.turn();
      isBusy = this.#toDonor.length > 0 || this.#toNewcomer.some((queue) => queue.length > 0);
      for (const donor of this.#toNewcomer.keys()) this.deliver(donor);
      this.answer();
    }
    return this.#donor.caughtUp();
  }
}

Deno.test("Newcomer, fresh or with data, ends as the donors are that feed it, one after the other", () => {
  const [small, large] = [1, 4_000].map((count) =>
    batchOf(...Array.from({ length: count }, (_, at) => new Uint8Array([at % 100])))
  );
  const had = fc.option(fc.nat(20), { nil: undefined });
  fc.assert(
    fc.property(had, fc.boolean(), fc.array(step, { maxLength: 60, size: "max" }), (had, hasDisk, steps) => {
      const feeding = new Feeding(had, hasDisk);
      for (const [kind, number] of steps) {
        if (kind === "execute") feeding.execute(number > 0 ? small : large);
        else if (kind === "deliver") feeding.deliver(number);
        else feeding[kind]();
      }
      assertEquals(feeding.end(), [self]);
      const { order, newcomer } = feeding;
      assertEquals([newcomer.position, allOf(newcomer.executor.freeze())], [
        order.position,
        allOf(order.executor.freeze()),
      ]);
    }),
    { numRuns: 200 },
  );
});
