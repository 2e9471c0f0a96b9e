/**
 * The logs of replicas: reading them, and comparing any two.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

/** A command as a replica has executed it. */
export interface LogEntry {
  /** Its place in the log, from 1. */
  readonly index: number;
  /** `view.timestamp.client#k`. */
  readonly uid: string;
  /** The command, and its output's first line. */
  readonly command: string;
  readonly output: string;
}

/**
 * Reads a log.
 *
 * @param isWhole false: the replica was killed, and its last line may be torn.
 */
export function parseLog(text: string, isWhole: boolean): LogEntry[] {
  const lines = text.split("\n");
  const rest = lines.pop();
  if (isWhole) assertEquals(rest, "", "the log of a replica that was not killed ends with a line");
  return lines.map((line) => {
    const fields = line.split("\t");
    assertEquals(fields.length, 4, `"${line}" is not a line of a log`);
    const [index, uid, command, output] = fields;
    return { index: Number(index), uid, command, output };
  });
}

/**
 * Fails unless any two logs are the same wherever their indexes overlap, those of the survivors end together, and all
 * logs together leave nothing out. The log of a newcomer begins after its snapshot.
 *
 * @param survivors the places in `logs` of those who live.
 * @returns the one log of which each is a part.
 */
export function assertAgreement(logs: readonly (readonly LogEntry[])[], survivors: readonly number[]): LogEntry[] {
  const order: LogEntry[] = [];
  for (const log of logs) log.forEach((entry) => order[entry.index - 1] ??= entry);
  const seen = new Set<string>();
  for (let at = 0; at < order.length; at++) {
    assert(order[at] !== undefined, `index ${at + 1} is in no log`);
    const { uid } = order[at];
    assert(/^\d+\.\d+\.[0-9a-f]{32}#\d+$/.test(uid), `"${uid}" is not a uid`);
    assert(!seen.has(uid), `${uid} was executed twice`);
    seen.add(uid);
  }
  logs.forEach((log, place) => {
    // Compared line by line, so that a failure shows the first difference and not two whole logs.
    log.forEach((entry, at) => {
      assertEquals(entry.index, log[0].index + at, `the indexes of log ${place} follow one another`);
      assertEquals(entry, order[entry.index - 1], `log ${place} differs at index ${entry.index}`);
    });
    if (survivors.includes(place)) assertEquals(log.at(-1)?.index ?? 0, order.length, `replica ${place} has survived`);
  });
  return order;
}
