/**
 * The disk of the logs is really full: the replicas continue, and log again when there is room.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Program } from "./program.ts";
import { mountsDisks, SmallDisk } from "./small_disk.ts";
import { Session } from "../net/admitted.ts";

Deno.test({
  name: "A full disk of the logs ends no replica, and they log again when there is room (needs root, and mount)",
  ignore: !mountsDisks,
  fn: async () => {
    const folder = Deno.makeTempDirSync({ prefix: "vaxlog-test-" });
    const disk = SmallDisk.at(folder, 256)!;
    const program = new Program("servers without task", "2", "--base-port", "0", "--log-dir", folder);
    let isEnded = false;
    try {
      await program.said(/Type the id of a replica/);
      const addresses = [...program.stdout.matchAll(/^ {2}replica \d {2}(127\.0\.0\.1:\d+)/gm)].map(([, it]) => it);
      // Most of it is taken by something else.
      Deno.writeFileSync(`${folder}/other`, new Uint8Array(200 * 1024));
      const session = await Session.connect(addresses);
      const client = new VaxlogClient(session);
      const complaints = () => program.stderr.match(/^replica \d: Cannot write the log .*$/gm) ?? [];
      let count = 0;
      const report = async () => await client.set("Harvard University", ++count, { note: "n".repeat(200) });
      while (complaints().length < 2) await report();
      for (let more = 0; more < 200; more++) await report();
      for (const complaint of complaints()) {
        assertMatch(complaint, /No space left on device.*logs again when that is possible$/);
        assertStringIncludes(complaint, `log "${Deno.realPathSync(folder)}/replica-`, "where it is, as a whole name");
      }
      assertEquals(complaints().length, 2, "each says it once");
      await program.type("status\n");
      await program.said(/Replica 0: Its log cannot be written, and \d{3,} lines are missing in it: make room/);
      const before = count;
      Deno.removeSync(`${folder}/other`);
      const again = () =>
        program.stderr.match(/^replica \d: The log .* is written again; lines \d+ to \d+ are missing in it$/gm);
      while ((again() ?? []).length < 2) await report();
      await program.type("status\n");
      await program.said(/Replica 0: Its log could not be written: \d+ lines are missing in it\n/);
      await program.said(/Replicas 0 and 1 live: 1 more may fail|1 more may fail/);
      const site = await client.view("Harvard University");
      assertStringIncludes(JSON.stringify(site), `"availability":${count}`);
      await session.close();
      await program.type("quit\n");
      await program.ended();
      isEnded = true;
      for (const slot of [0, 1]) {
        const text = Deno.readTextFileSync(`${folder}/replica-${slot}.log`);
        const [, first, last] = /^# lines (\d+) to (\d+) are missing: .*\(No space left on device.*\)$/m.exec(text)!;
        assert(Number(last) >= before && Number(first) < before - 200);
        const indices = text.split("\n").flatMap((line) => line === "" || line[0] === "#" ? [] : Number.parseInt(line));
        const expected = Array.from({ length: indices.at(-1)! }, (_, at) => at + 1);
        const missing = expected.filter((index) => !indices.includes(index));
        assertEquals([missing[0], missing.at(-1)], [Number(first), Number(last)], "nothing else is missing");
        assertEquals(missing.length, Number(last) - Number(first) + 1);
      }
    } finally {
      if (!isEnded) {
        program.signal("SIGTERM");
        await program.ended();
      }
      disk[Symbol.dispose]();
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
