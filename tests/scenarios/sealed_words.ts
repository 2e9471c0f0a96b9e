/**
 * What a script can do with replicas that seal their history.
 *
 * @module
 */

import { type ComparedSegment, segmentKinds } from "../../src/history.ts";
import { DigestMachine } from "../simulator/digest_machine.ts";
import type { SimReplica, World } from "../simulator/world.ts";
import { count, ScenarioError } from "./words.ts";

/** The script that wants something done. */
interface Script {
  readonly world: World;
  replica(name: string): SimReplica;
}

/** Performs one line of a script; false if its verb is none of these. */
export function performSealed(script: Script, verb: string, words: readonly string[]): boolean {
  switch (verb) {
    // seals R N DIGEST [K]: R names segment N of its log, with this digest and K redacted entries (0). The digest is a
    // letter. seals R N due: R has it, and is to write it again.
    case "seals": {
      const [name, number, digest, redacted = "0"] = words;
      const replica = script.replica(name);
      if (digest === "due") machineOf(replica).segments.set(count(number), "due");
      else seal(script.world, replica, segmentOf(count(number), digest, count(redacted)));
      return true;
    }
    // had R N DIGEST: R names such a segment, and did so before it was a member: nobody has heard of it.
    case "had": {
      const segment = segmentOf(count(words[1]), words[2], 0);
      machineOf(script.replica(words[0])).segments.set(segment.number, segment);
      return true;
    }
    default:
      return false;
  }
}

function seal(world: World, replica: SimReplica, segment: ComparedSegment): void {
  machineOf(replica).segments.set(segment.number, segment);
  replica.core.step({ kind: "sealed", segment });
  // In the first turn the machine hears that the segment is named; in the next one, the others do.
  for (let turn = 0; turn < 2; turn++) world.turnOfReplica(replica);
}

function machineOf({ name, core }: SimReplica): DigestMachine {
  const machine = core.database?.machine;
  if (machine instanceof DigestMachine) return machine;
  throw new ScenarioError(`${name} is not a member`);
}

function segmentOf(number: number, letter: string, redacted: number): ComparedSegment {
  return { kind: segmentKinds.entries, number, redacted, digest: new Uint8Array(32).fill(letter.charCodeAt(0)) };
}
