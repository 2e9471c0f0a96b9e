import { assert, assertEquals } from "@std/assert";
import { adding, commandOf, siteName, workloadOf } from "../../bench/workload.ts";
import type { Submitter } from "../../src/library/client.ts";
import { ByteWriter } from "../../src/bytes.ts";
import { commandKinds, knowsIds, knowsSources } from "../../src/database/wire/commands.ts";
import { statuses } from "../../src/database/wire/output_layout.ts";
import { Sites } from "../database/store/machine.ts";
import { itemsOf } from "../../src/batch.ts";

/** A database in this process. */
class Direct implements Submitter {
  readonly sites = new Sites();
  readonly kinds = new Map<number, number>();
  #index = 0;

  submit(command: Uint8Array): Promise<{ output: Uint8Array; index: number }> {
    this.kinds.set(command[0], (this.kinds.get(command[0]) ?? 0) + 1);
    const writer = new ByteWriter();
    writer.blob(command);
    const [output] = itemsOf(this.sites.apply(writer.view()));
    return Promise.resolve({ output, index: ++this.#index });
  }
}

async function filled(sites: number): Promise<Direct> {
  const direct = new Direct();
  for (const command of adding(sites)) await direct.submit(command);
  direct.kinds.clear();
  return direct;
}

Deno.test("adding() adds all sites but the one that is there", async () => {
  assertEquals((await filled(1)).sites.size, 1);
  assertEquals((await filled(50)).sites.size, 50);
});

for (const mix of ["writes", "reads", "mixed", "rows", "typed"] as const) {
  Deno.test(`workloadOf() gives commands of the kind "${mix}" that can be executed`, async () => {
    const direct = await filled(50);
    const workload = workloadOf(mix, 50);
    for (let at = 0; at < 200; at++) assert(workload.isDone(await workload.send(direct)));
    const [view, page] = [commandKinds.view, commandKinds["list-page"]].map((kind) => kind | knowsIds | knowsSources);
    const set = commandKinds.set | knowsIds;
    const expected = {
      writes: [[set, 200]],
      reads: [[view, 200]],
      mixed: [[set, 20], [view, 180]],
      rows: [[page, 200]],
      typed: [[set, 200]],
    };
    assertEquals([...direct.kinds], expected[mix]);
  });
}

Deno.test("workloadOf() says of a command about a site that is not there that it was not executed", async () => {
  const workload = workloadOf("writes", 1000);
  const answers = [];
  for (let at = 0; at < 20; at++) answers.push(workload.isDone(await workload.send(new Direct())));
  assert(answers.includes(false));
});

Deno.test('the answers to "rows" have 60 bytes, as the documentation says', async () => {
  const direct = await filled(1000);
  const workload = workloadOf("rows", 900);
  for (let at = 0; at < 50; at++) {
    const { output } = await workload.send(direct) as { output: Uint8Array };
    assertEquals(output.length, 60);
  }
  assertEquals(siteName(999_999).length, 13);
});

Deno.test("commandOf() is a command about the site that a fresh database has", async () => {
  const { output } = await new Direct().submit(commandOf("writes"));
  assertEquals(output[0], statuses.done);
});
