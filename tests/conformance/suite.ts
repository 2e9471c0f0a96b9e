/**
 * The conformance suite: what a cluster does, whatever it is made of.
 *
 * Each behaviour gets a fresh cluster; when it is over, the logs of all replicas are compared with each other, and with
 * what was asked and answered.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import type { Site, VaxlogClient } from "../../src/library/client.ts";
import { NotExecutedError } from "../../src/net/client/session.ts";
import type { ClusterUnderTest } from "./cluster.ts";

/** One thing that a cluster does. */
export interface Behaviour {
  readonly name: string;
  /** How many replicas it needs. */
  readonly replicas: number;
  readonly run: (cluster: ClusterUnderTest) => Promise<void>;
}

const harvard = "Harvard University";

async function listAll(client: VaxlogClient, options?: { after?: string; limit?: number }): Promise<Site[][]> {
  return await Array.fromAsync(client.list(options));
}

/** Sets the site again and again, with values that nobody else uses. */
async function setOften(client: VaxlogClient, firstValue: number, count: number): Promise<void> {
  for (let value = firstValue; value < firstValue + count; value++) {
    assertEquals((await client.set(harvard, value)).kind, "site");
  }
}

async function availabilityAt(client: VaxlogClient, name: string): Promise<unknown> {
  const outcome = await client.view(name);
  return outcome.kind === "site" ? outcome.site.availability : outcome.kind;
}

/** All behaviours. */
export const behaviours: readonly Behaviour[] = [
  {
    name: "answers list, view, set and add",
    replicas: 1,
    run: async (cluster) => {
      const { client, close } = await cluster.connect();
      const fresh = { id: 1, name: harvard, zip: "02138", availability: 0, observedAt: 0 };
      assertEquals(await listAll(client), [[fresh]]);
      assertEquals(await client.view(`  ${harvard} `), { kind: "site", site: fresh, hasDocument: false, index: 0 });
      const set = { ...fresh, availability: true, observedAt: 7 };
      assertEquals(await client.set(harvard, true, { recordedAt: 7 }), {
        kind: "site",
        site: set,
        effect: "shown",
        entry: 2,
        index: 1,
      });
      assertEquals(await client.add("MIT", "00042"), {
        kind: "site",
        site: { id: 3, name: "MIT", zip: "00042", availability: 0, observedAt: 0 },
        effect: "changed",
        entry: 3,
        index: 2,
      });
      assertEquals(await client.add(harvard, "1"), { kind: "exists", site: set, index: 3 });
      assertEquals(await client.set("nowhere", 5), { kind: "unknownSite", name: "nowhere", index: 4 });
      assertEquals(await client.view("nowhere"), { kind: "unknownSite", name: "nowhere", index: 4 });
      await client.set("MIT", Number.MAX_SAFE_INTEGER, { recordedAt: 8 });
      assertEquals(await listAll(client, { after: harvard }), [[
        { id: 3, name: "MIT", zip: "00042", availability: Number.MAX_SAFE_INTEGER, observedAt: 8 },
      ]]);
      await close();
    },
  },
  {
    name: "lets exactly one of those win who set on the same condition",
    replicas: 3,
    run: async (cluster) => {
      const all = await Promise.all([1, 2, 3].map(() => cluster.connect()));
      for (let round = 0; round < 8; round++) {
        const outcomes = await Promise.all(
          all.map(({ client }, k) => client.set(harvard, 10 * (round + 1) + k, { if: round, source: `${k}` })),
        );
        const winner = outcomes.findIndex(({ kind }) => kind === "site");
        assertEquals(outcomes.map(({ kind }) => kind), all.map((_, k) => k === winner ? "site" : "conflict"));
        if (round === 4) await cluster.crashReplica(0);
        const reset = await all[0].client.set(harvard, round + 1, { if: 10 * (round + 1) + winner });
        assertEquals(reset.kind, "site");
      }
      await Promise.all(all.map(({ close }) => close()));
    },
  },
  {
    name: "keeps every report, shows the newest, and retires what is closed",
    replicas: 2,
    run: async (cluster) => {
      const [{ client, close }, other] = await Promise.all([cluster.connect(), cluster.connect()]);
      const times = [500, 300, 700, 300, 600];
      for (const [value, observedAt] of times.entries()) {
        await client.set(harvard, value, { observedAt, recordedAt: 1000, unit: "doses" });
      }
      await cluster.crashReplica(1);
      const again = await other.client.set(harvard, 1, { observedAt: 300, recordedAt: 2000, unit: "doses" });
      assertEquals([again.kind === "site" && again.effect, again.kind === "site" && again.entry], ["same", 3]);
      await client.retire(harvard, "closed", { recordedAt: 2000 });
      assertEquals((await other.client.set(harvard, 9)).kind, "retired");
      assertEquals(await listAll(client), []);
      const history = (await Array.fromAsync(client.history(harvard, { newestFirst: true }))).flat();
      assertEquals(
        history.map((entry) => entry.kind === "report" ? [entry.observedAt, entry.outOfDate] : entry.kind),
        ["retired", [600, true], [300, true], [700, false], [300, true], [500, false], "added"],
      );
      assertEquals((await Array.fromAsync(other.client.changes())).flat(), history.toReversed());
      await Promise.all([close(), other.close()]);
    },
  },
  {
    name: "lists sites in pages, in the order of code points",
    replicas: 3,
    run: async (cluster) => {
      const { client, close } = await cluster.connect();
      // In the order of UTF-16 units, the letters from beyond the first plane would come before the last ones in it.
      const letters = ["A", "ß", "é", "漢", "\u{ffee}", "\u{10348}", "\u{1f489}"];
      const names = letters.flatMap((letter) =>
        Array.from({ length: 20 }, (_, k) => letter.repeat(180) + k.toString(36).padStart(2, "0"))
      );
      await Promise.all(names.toReversed().map((name) => client.add(name, "1")));
      const pages = await listAll(client);
      assertEquals(pages.length > 1, true);
      const expected = [...names.slice(0, 20), harvard, ...names.slice(20)];
      // Compared by their ends, so that a failure can be read.
      const ends = (names: readonly string[]) => names.map((name) => name.slice(-4)).join(" ");
      assertEquals(ends(pages.flat().map(({ name }) => name)), ends(expected));
      const some = await listAll(client, { after: expected[10], limit: 50 });
      assertEquals(ends(some.flat().map(({ name }) => name)), ends(expected.slice(11, 61)));
      await close();
    },
  },
  {
    name: "shows each client what any other was answered before",
    replicas: 3,
    run: async (cluster) => {
      const all = await Promise.all([1, 2, 3].map(() => cluster.connect()));
      for (let turn = 0; turn < 12; turn++) {
        const [writer, ...readers] = [0, 1, 2].map((k) => all[(turn + k) % 3].client);
        await writer.set(harvard, turn);
        const seen = await Promise.all(readers.map((reader) => availabilityAt(reader, harvard)));
        assertEquals(seen, [turn, turn]);
      }
      await Promise.all(all.map(({ close }) => close()));
    },
  },
  {
    name: "agrees on one order of what several clients do at once",
    replicas: 3,
    run: async (cluster) => {
      const all = await Promise.all([1, 2, 3].map(() => cluster.connect()));
      const added = await Promise.all(
        all.flatMap(({ client }) => ["A", "B", "C"].map((name) => client.add(name, "12345"))),
      );
      assertEquals(added.filter(({ kind }) => kind === "site").length, 3, "each site was added once");
      await Promise.all(all.flatMap(({ client }, k) => [
        setOften(client, 1000 * k, 15),
        setOften(client, 1000 * k + 500, 15),
        ...["A", "B", "C"].map((name) => client.set(name, k)),
      ]));
      const lists = await Promise.all(all.map(({ client }) => listAll(client)));
      assertEquals([lists[1], lists[2]], [lists[0], lists[0]]);
      await Promise.all(all.map(({ close }) => close()));
    },
  },
  {
    name: "executes what one client submits at once in its order",
    replicas: 2,
    run: async (cluster) => {
      const [one, two] = await Promise.all([cluster.connect(), cluster.connect()]);
      const outcomes = await Promise.all(
        Array.from({ length: 300 }, (_, k) => [one, two].map(({ client }, at) => client.set(harvard, 1000 * at + k)))
          .flat(),
      );
      assertEquals(new Set(outcomes.map(({ index }) => index)).size, 600);
      await Promise.all([one, two].map(({ close }) => close()));
    },
  },
  {
    name: "continues when replicas crash, down to the last",
    replicas: 4,
    run: async (cluster) => {
      const all = await Promise.all([1, 2].map(() => cluster.connect()));
      const busy = all.map(({ client }, k) => setOften(client, 1000 * k, 60));
      for (const slot of [0, 3, 1]) {
        await Promise.all(all.map(({ client }) => client.view(harvard)));
        await cluster.crashReplica(slot);
      }
      await Promise.all(busy);
      const late = await cluster.connect();
      assertEquals(await listAll(late.client), await listAll(all[0].client));
      await setOften(late.client, 5000, 5);
      await Promise.all([...all, late].map(({ close }) => close()));
    },
  },
  {
    name: "continues when clients crash in the middle of their requests",
    replicas: 3,
    run: async (cluster) => {
      const [survivor, ...doomed] = await Promise.all([
        cluster.connect(),
        ...[1, 2, 3].map(() => cluster.connect({ toCrash: true })),
      ]);
      const busy = setOften(survivor.client, 0, 80);
      for (const [k, { client, crash }] of doomed.entries()) {
        await client.set(harvard, 1000 * (k + 1));
        for (let value = 1; value <= 100; value++) {
          client.set(harvard, 1000 * (k + 1) + value).catch(() => {});
          if (value % 20 === 0) await survivor.client.view(harvard);
        }
        await crash();
      }
      await busy;
      await survivor.close();
    },
  },
  {
    name: "survives the crash of a client and of a replica at once",
    replicas: 3,
    run: async (cluster) => {
      const survivor = await cluster.connect();
      const doomed = await cluster.connect({ toCrash: true });
      const busy = setOften(survivor.client, 0, 60);
      await doomed.client.set(harvard, 1000);
      for (let value = 1001; value < 1100; value++) doomed.client.set(harvard, value).catch(() => {});
      await Promise.all([doomed.crash(), cluster.crashReplica(1)]);
      await busy;
      await survivor.close();
    },
  },
  {
    name: "lets sessions come and go",
    replicas: 3,
    run: async (cluster) => {
      const regular = await cluster.connect();
      for (let turn = 0; turn < 6; turn++) {
        const guest = await cluster.connect();
        const sets = [guest.client.set(harvard, 10 * turn), guest.client.set(harvard, 10 * turn + 1)];
        if (turn === 3) await cluster.crashReplica(2);
        await Promise.all(sets);
        await guest.close();
        await assertRejects(() => guest.client.set(harvard, 10 * turn + 2), NotExecutedError);
        assertEquals(await availabilityAt(regular.client, harvard), 10 * turn + 1);
      }
      const silent = await cluster.connect();
      await silent.close();
      await regular.close();
    },
  },
  {
    name: "answers a client that was idle while replicas crashed",
    replicas: 3,
    run: async (cluster) => {
      const [idle, busy] = await Promise.all([cluster.connect(), cluster.connect()]);
      await idle.client.set(harvard, 1);
      for (const [k, slot] of [1, 0].entries()) {
        await cluster.crashReplica(slot);
        await setOften(busy.client, 100 * (k + 1), 5);
      }
      assertEquals(await availabilityAt(idle.client, harvard), 204);
      await Promise.all([idle, busy].map(({ close }) => close()));
    },
  },
];
