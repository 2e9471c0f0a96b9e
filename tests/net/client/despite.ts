/**
 * A sound replica and a faulty one, for what asks one after the other until one gives it all.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { FakeReplica, type Script } from "../fake_replica.ts";

/** Is told of a replica that was left, and why. */
type OnTrouble = (address: string, reason: string) => void;

/**
 * Uses two fakes: one that does what `sound` says, and one that does what `faulty` says and is asked before it.
 *
 * @param use takes what is wanted of them, and fails unless it gets all of it.
 * @returns why the faulty one was left, each time.
 */
export async function despiteFault(
  sound: Script,
  faulty: Script,
  use: (fakes: readonly FakeReplica[], onTrouble: OnTrouble) => Promise<void>,
): Promise<string[]> {
  const fakes = [new FakeReplica(sound), new FakeReplica(faulty)];
  const troubles: string[] = [];
  await use(fakes, (address, reason) => {
    assertEquals(address, fakes[1].address);
    troubles.push(reason);
  });
  for (const fake of fakes) fake.die();
  return troubles;
}
