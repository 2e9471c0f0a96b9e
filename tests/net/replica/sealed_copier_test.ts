/** Copies of databases whose old history is sealed, from replicas that seal while they give them. */

import { assert, assertEquals } from "@std/assert";
import { VaxlogClient } from "../../../src/library/client.ts";
import { checkingHistory, historyIn, whyNotNamed } from "../../../src/storage/copied_history.ts";
import { GatheredCopy } from "../../storage/gathered_copy.ts";
import { ReplicaHistory } from "../../../src/storage/replica_history.ts";
import { atOnce } from "../../../src/steps.ts";
import { Sites } from "../../database/store/machine.ts";
import { entriesAfter } from "../../database/store/machine.ts";
import { readEntries } from "../../../src/database/wire/entries.ts";
import { fewParts } from "../../storage/few_parts.ts";
import { allBytes } from "../../storage/backups.ts";
import { checkCopies, soundCopies } from "./copy_checks.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { within } from "../within.ts";
import { fetchCopy, Session } from "../admitted.ts";

const histories: ReplicaHistory[] = [];

/** A replica that seals a few entries each time. */
function sealing() {
  const history = ReplicaHistory.inMemory();
  histories.push(history);
  return { history, machine: new Sites({ ...fewParts, reader: history.history }) };
}

/** All notes in the log of a copy. */
function notesIn(copy: GatheredCopy): string[] {
  const contents = copy.contents();
  const history = historyIn(contents);
  assertEquals(atOnce(checkingHistory(history)), undefined);
  const sites = new Sites({ ...fewParts, reader: history });
  sites.restore(allBytes(contents.database));
  assertEquals(whyNotNamed(contents, sites.named), undefined);
  const notes: string[] = [];
  for (let after = 0;;) {
    const entries = entriesAfter(sites, after, Infinity);
    if (entries === undefined) return notes;
    notes.push(...readEntries(entries.bytes).map((entry) => ("note" in entry ? entry.note : "") ?? ""));
    after = entries.last;
  }
}

testNeeding(["net"], "ReplicaServer gives copies with sealed history while clients write and it seals", async () => {
  const cluster = await LocalCluster.start({ replicas: 2, sealing });
  const session = await Session.connect(cluster.addresses);
  const client = new VaxlogClient(session);
  for (let at = 0; at < 100; at++) await client.set("Harvard University", at, { note: `note ${at}` });
  while (histories.some(({ segments }) => segments <= 5)) await new Promise((resolve) => setTimeout(resolve, 1));
  let isWriting = true;
  const writing = (async () => {
    for (let at = 100; isWriting; at++) await client.set("Harvard University", at, { note: `note ${at}` });
  })();
  const addresses = () => session.members.map(({ address }) => address);
  for (let round = 0; round < 5; round++) {
    const atLeast = await client.position();
    const copy = new GatheredCopy();
    const target = { begin: () => copy.begin(), write: copy.write.bind(copy), end: () => undefined };
    const executed = await within("a copy", fetchCopy({ cluster: session.cluster, atLeast, addresses }, target));
    const notes = notesIn(copy);
    // The first entry is that of the site.
    assertEquals(notes, ["", ...notes.slice(1).map((_, at) => `note ${at}`)]);
    assert(executed >= atLeast && notes.length > 100);
    assert(copy.contents().segments.length > 5, `${copy.contents().segments.length} segments`);
  }
  isWriting = false;
  await writing;
  await session.close();
  cluster.close();
});

Deno.test("Copiers wait for erasing, refuse what they lack, and release files", () => {
  checkCopies(soundCopies);
});
