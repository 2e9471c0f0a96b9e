/** Each rule of healing is needed: if it is broken, a check that the sound module passes fails. */

import { assert, assertEquals } from "@std/assert";
import { lackedPartsMax } from "../../src/limits.ts";
import type { Sealer } from "../../src/net/replica/sealer.ts";
import { HealingSources as AnySources } from "../../src/protocol/replica/healing_sources.ts";
import { Order } from "../../src/protocol/replica/order.ts";
import { benchOf } from "../net/replica/healing_bench.ts";
import { DigestMachine } from "../simulator/digest_machine.ts";
import { changedModules } from "./changed_modules.ts";
import type { Mutant } from "./mutant.ts";
import { mutated } from "./mutate.ts";

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

const file = "net/replica/healing.ts";

const mutants: readonly Mutant[] = [
  {
    name: "D8: damage is not told to the owner of the disk",
    file,
    from: "      this.#told.add(key);\n      this.#host.say(this.textOf(damage));\n",
    to: "      this.#told.add(key);\n",
  },
  {
    name: "D8: nobody is told that no other member has a part",
    file,
    from: "        this.#lacked.add(keyOf(damage));\n        this.#host.say(this.textOf(damage));\n",
    to: "        this.#lacked.add(keyOf(damage));\n",
  },
  {
    name: "D8: bytes that were refused count as healed",
    file,
    from: "if (this.#host.isRefusal(error)) return false;",
    to: "if (this.#host.isRefusal(error)) return true;",
  },
  {
    name: "D8: the next member is not asked",
    file,
    from: "for (let other = 0;; other++)",
    to: "for (let other = 0;; other += 2)",
  },
  {
    name: "D8: all parts that nobody has are asked for at once",
    file,
    from: "left > 0 && lacked < lackedPartsMax",
    to: "left > 0",
  },
];

/** Another member lies, and the next one heals; then all have damaged more than is asked for at once. */
function check(made: typeof Sealer): void {
  const bench = benchOf(2, 2, made);
  const whole = bench.read(2);
  bench.spoil = (bytes, other) => bytes.map((byte, at) => other === 0 && at === 4 ? byte ^ 1 : byte);
  bench.damage(2, 0);
  bench.run();
  assertEquals([bench.read(2), bench.store.isDamaged, bench.said.length], [whole, false, 2]);
  const segments = lackedPartsMax + 1;
  const lacking = benchOf(segments, 0, made);
  for (let number = 1; number <= segments; number++) lacking.damage(number, 0);
  lacking.run();
  assertEquals([lacking.asked.length, lacking.said.length], [lackedPartsMax, segments + lackedPartsMax]);
}

function sealerOf(mutant?: Mutant): typeof Sealer {
  const exportsOf = changedModules((text, name) =>
    mutant === undefined || name !== `src/${mutant.file}` ? text : mutated(text, mutant, mutant.file)
  );
  return (exportsOf("src/net/replica/sealer.ts") as { Sealer: typeof Sealer }).Sealer;
}

Deno.test({
  name: "each rule of healing is needed (needs --allow-read)",
  ignore,
  fn() {
    check(sealerOf());
    for (const mutant of mutants) {
      const made = sealerOf(mutant);
      let isCaught = false;
      try {
        check(made);
      } catch {
        isCaught = true;
      }
      assert(isCaught, mutant.name);
    }
  },
});

const ofSources: Mutant = {
  name: "D8: the numbers of the other members change in a round",
  file: "protocol/replica/healing_sources.ts",
  from: "if (other === 0) this.#others",
  to: "this.#others",
};

/** Whom the second member of three asks after the first one has failed. */
function asksNext(Sources: typeof AnySources): number[] {
  const asked: number[] = [];
  const order = new Order(new DigestMachine(), false);
  order.members = [0, 1, 2].map((id) => ({ id, address: "" }));
  const failed = new Set<number>();
  const sources = new Sources({ id: 1, order, failed, send: (to) => asked.push(to), effect: () => {} });
  const segment = { kind: 1, number: 1, digest: new Uint8Array(32) };
  sources.wants({ kind: "wants", segment, part: 0, other: 0 });
  failed.add(0);
  sources.failed(0);
  sources.wants({ kind: "wants", segment, part: 0, other: 1 });
  return asked;
}

Deno.test({
  name: `mutant "${ofSources.name}" is caught (needs --allow-read)`,
  ignore,
  fn() {
    const exportsOf = changedModules((text, name) =>
      name === `src/${ofSources.file}` ? mutated(text, ofSources) : text
    );
    const { HealingSources } = exportsOf(`src/${ofSources.file}`) as { HealingSources: typeof AnySources };
    assertEquals([asksNext(AnySources), asksNext(HealingSources)], [[0, 2], [0]]);
  },
});
