/**
 * The disk of the data is really full, under all replicas: reads continue, changes are refused, and all continues when
 * there is room.
 */

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { NotExecutedError } from "../../src/net/client/session.ts";
import { Program } from "./program.ts";
import { mountsDisks, SmallDisk } from "./small_disk.ts";
import { Session } from "../net/admitted.ts";

/** How often something is tried until the cluster takes it. */
const triesMax = 2_000;

Deno.test({
  name: "A full disk of the data leaves reads going, and changes are taken when there is room (needs root, and mount)",
  ignore: !mountsDisks,
  fn: async () => {
    const folder = Deno.makeTempDirSync({ prefix: "vaxlog-test-" });
    const disk = SmallDisk.at(folder, 96 * 1024)!;
    const program = new Program("servers without task", "3", "--base-port", "0", "--data", folder);
    let isEnded = false;
    try {
      await program.said(/Type the id of a replica/);
      const addresses = [...program.stdout.matchAll(/^ {2}replica \d {2}(127\.0\.0\.1:\d+)/gm)].map(([, it]) => it);
      const session = await Session.connect(addresses);
      const client = new VaxlogClient(session);
      await client.set("Harvard University", 1);
      // Something else takes all that is left, while the client writes: outcomes are definite all the time.
      const other = Deno.openSync(`${folder}/other`, { write: true, create: true });
      let last = 1;
      let refusal: unknown;
      const fill = async () => {
        const zeros = new Uint8Array(1024 * 1024);
        try {
          while (await other.write(zeros) > 0);
        } catch (error) {
          assertStringIncludes(String(error), "No space left");
        }
      };
      const filled = fill();
      for (let tries = 0; tries < triesMax && refusal === undefined; tries++) {
        await client.set("Harvard University", last + 1).then(() => last++, (error) => refusal = error);
      }
      await filled;
      other.close();
      assertEquals(refusal instanceof NotExecutedError, true, String(refusal));
      assertMatch(String(refusal), /the disk of the replica at 127\.0\.0\.1:\d+ has too little room for changes/);
      for (let count = 0; count < 20; count++) {
        assertStringIncludes(JSON.stringify(await client.view("Harvard University")), `"availability":${last}`);
        await assertRejects(() => client.set("Harvard University", 0), NotExecutedError);
      }
      const late = await Session.connect(addresses);
      const newcomer = new VaxlogClient(late);
      assertStringIncludes(JSON.stringify(await newcomer.view("Harvard University")), `"availability":${last}`);
      await assertRejects(() => newcomer.set("Harvard University", 0), NotExecutedError);
      for (const slot of [0, 1, 2]) await program.said(new RegExp(`replica ${slot}: The disk has .* takes no changes`));
      await program.type("status\n");
      await program.said(
        /Replica 2: Its disk has too little room: it takes no changes, and answers reads; make room\n/,
      );
      await program.said(/Replicas 0, 1 and 2 live: 2 more may fail/);
      Deno.removeSync(`${folder}/other`);
      let isTaken = false;
      for (let tries = 0; tries < triesMax && !isTaken; tries++) {
        isTaken = await client.set("Harvard University", last + 1).then(() => true, () => false);
        if (!isTaken) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await newcomer.set("Harvard University", last + 2);
      assertStringIncludes(JSON.stringify(await client.view("Harvard University")), `"availability":${last + 2}`);
      await Promise.all([session.close(), late.close()]);
      await program.type("quit\n");
      await program.ended();
      isEnded = true;
      assertStringIncludes(program.stdout, "All replicas had the same data in the end");
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
