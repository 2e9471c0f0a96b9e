/**
 * What a script can do with replicas that have disks, and expect of them.
 *
 * @module
 */

import { freezeCheckpoint, recover } from "../../src/protocol/replica/recovery.ts";
import { slotOf } from "../../src/uid.ts";
import { allOf, restoreAll } from "../../src/snapshot.ts";
import type { CleanStop } from "../../src/storage/cluster_file.ts";
import type { SimDisk } from "../simulator/disk.ts";
import { DigestMachine } from "../simulator/digest_machine.ts";
import type { SimReplica } from "../simulator/world.ts";
import type { World } from "../simulator/world.ts";
import { count, ScenarioError } from "./words.ts";

/** The script that wants something done. */
interface Script {
  readonly world: World;
  readonly trace: string[];
  replica(name: string): SimReplica;
}

// Why the last cold start was refused, by script.
const refusals = new WeakMap<Script, string>();

// What a script has copied.
const keptFiles = new WeakMap<SimDisk, () => void>();
const keptMarks = new WeakMap<World, CleanStop | undefined>();

/** Performs one line of a script; false if its verb is none of these. */
export function performDurable(script: Script, verb: string, words: readonly string[]): boolean {
  const { world } = script;
  switch (verb) {
    // kill all: every process of a replica dies at once, and all that is on its way from one is lost.
    case "kill":
      for (const replica of world.living) world.crashReplica(replica, () => 0);
      return true;
    // cold start [N]: the same command again, on the same directory. With N: with --force-from N.
    case "cold": {
      const refusal = world.coldStart(words[1] === undefined ? undefined : count(words[1]));
      refusals.delete(script);
      if (refusal !== undefined) refusals.set(script, refusal);
      world.turnOfAll();
      return true;
    }
    // restart R: a newcomer is started in the slot of R, which is dead, with what is on its disk. Its id is 64 more.
    case "restart": {
      const dead = script.replica(words[0]);
      if (dead.alive) throw new ScenarioError(`${dead.name} lives`);
      const newcomer = world.startInSlot(slotOf(dead.id));
      if (newcomer === undefined) throw new ScenarioError(`the disk of ${dead.name} is damaged`);
      world.turnOfReplica(newcomer);
      return true;
    }
    // disk R N: the next checkpoints of R are written in N commits.
    case "disk":
      world.pieces.set(slotOf(script.replica(words[0]).id), count(words[1]));
      return true;
    // flip R N: the N-th byte on its disk flips.
    case "flip":
      world.disks[slotOf(script.replica(words[0]).id)].flip(count(words[1]));
      return true;
    // wipe R: its disk is empty, as if its file were lost.
    case "wipe":
      world.disks[slotOf(script.replica(words[0]).id)].wipe();
      return true;
    // quit: the launcher stops all in good order, and notes whether all had the same in the end.
    case "quit":
      world.stopAll(100);
      return true;
    // keep R: its file is copied. back R: the copy is put back.
    case "keep": {
      const { address, id } = script.replica(words[0]);
      keptFiles.set(world.disks[slotOf(id)], world.disks[slotOf(id)].copy());
      world.tampered.add(address);
      return true;
    }
    case "back":
      keptFiles.get(world.disks[slotOf(script.replica(words[0]).id)])!();
      return true;
    // mark keep: what the launcher has noted of a clean stop is copied. mark back: the copy is put back.
    case "mark":
      if (words[0] === "keep") keptMarks.set(world, world.cleanStop);
      else world.cleanStop = keptMarks.get(world);
      return true;
    // tamper R: its disk says that it has executed something else than it has.
    case "tamper":
      tamper(world, script.replica(words[0]));
      return true;
    default:
      return false;
  }
}

/** A digest of something else, which passes every checksum. */
function tamper(world: World, { id, address }: SimReplica): void {
  const disk = world.disks[slotOf(id)];
  const recovered = recover({ ...disk.read()!, machine: new DigestMachine() });
  const { executor } = recovered.order;
  const snapshot = allOf(executor.freeze());
  // After the two counts, which have one byte each in a scenario.
  snapshot[2] ^= 1;
  restoreAll(executor.restoring(), snapshot);
  disk.overwrite(allOf(freezeCheckpoint(recovered)));
  world.tampered.add(address);
}

/** Checks one expectation; false if it is none of these. */
export function expectDurable(
  script: Script,
  what: string,
  words: readonly string[],
  check: (name: string, actual: number | string | boolean, expected: number | string | boolean) => void,
): boolean {
  const { world } = script;
  switch (what) {
    // expect refused TEXT: the last cold start was refused, with this text in the message.
    case "refused": {
      const text = words.join(" ");
      const refusal = refusals.get(script) ?? "";
      if (refusal === "" || !refusal.includes(text)) throw new ScenarioError(`the refusal is "${refusal}"`);
      return true;
    }
    // expect started: the last cold start was not refused.
    case "started":
      check("the refusal", refusals.get(script) ?? "", "");
      return true;
    // expect clean yes|no: whether it is noted that the last stop was clean.
    case "clean":
      check("clean", world.cleanStop === undefined ? "no" : "yes", words[0]);
      return true;
    // expect messages KIND N: N messages of this kind were sent since `count`.
    case "messages":
      check(words[0], [...world.sent].find(([kind]) => kind === words[0])?.[1] ?? 0, count(words[1]));
      return true;
    // expect digests: all living replicas have the same.
    case "digests":
      for (const { name, core } of world.living) {
        check(`the digest of ${name}`, core.status().digest, world.living[0].core.status().digest);
      }
      return true;
    default:
      return false;
  }
}
