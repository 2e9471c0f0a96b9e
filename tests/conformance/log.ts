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
    assertEquals(fields.length, 4, `"${line}" is no line of a log`);
    const [index, uid, command, output] = fields;
    return { index: Number(index), uid, command, output };
  });
}

/** Fails unless any two logs are prefixes of one another, and those of the survivors are the same. */
export function assertAgreement(logs: readonly (readonly LogEntry[])[], survivors: readonly number[]): void {
  const longest = logs.reduce((a, b) => a.length >= b.length ? a : b);
  const seen = new Set<string>();
  longest.forEach(({ index, uid }, at) => {
    assertEquals(index, at + 1, "the indexes of a log are 1, 2, 3, …");
    assert(/^\d+\.\d+\.[0-9a-f]{32}#\d+$/.test(uid), `"${uid}" is no uid`);
    assert(!seen.has(uid), `${uid} was executed twice`);
    seen.add(uid);
  });
  logs.forEach((log, slot) => {
    // Compared line by line, so that a failure shows the first difference and not two whole logs.
    log.forEach((entry, at) => assertEquals(entry, longest[at], `replica ${slot} differs at index ${at + 1}`));
    if (survivors.includes(slot)) assertEquals(log.length, longest.length, `replica ${slot} has survived`);
  });
}
