/**
 * What the replicas of a soak use over time, and whether it grows.
 *
 * @module
 */

import { memoryOf } from "../processes.ts";

/** What a process uses at one moment. */
export interface Use {
  /** Minutes since the beginning. */
  readonly at: number;
  readonly mib: number;
  readonly descriptors: number;
}

/**
 * How much more memory a process may have in its last quarter than in its second one: twice what the records of more
 * sites and the list of more segments take in an hour, and much less than a leak of a command each.
 */
export const grownMibMax = 24;

/** How many more open files: links and files come and go. */
export const grownDescriptorsMax = 8;

/** What each of these processes uses now. */
export async function usesOf(pids: readonly number[], at: number): Promise<Use[]> {
  const [memory, descriptors] = await Promise.all([memoryOf(pids), descriptorsOf(pids)]);
  return memory.map(({ now }, index) => ({ at, mib: now, descriptors: descriptors[index] }));
}

/** How many files and links each has open. Deno lets a program look only if it may do everything, so `ls` does it. */
async function descriptorsOf(pids: readonly number[]): Promise<number[]> {
  const args = ["-1", ...pids.map((pid) => `/proc/${pid}/fd`)];
  const { stdout } = await new Deno.Command("ls", { args, stdin: "null", stderr: "null" }).output();
  const text = new TextDecoder().decode(stdout);
  if (pids.length === 1) return [text.split("\n").filter((line) => line !== "").length];
  const counts = new Map<string, number>();
  for (const part of text.split("\n\n")) {
    const [head, ...lines] = part.split("\n");
    counts.set(head, lines.filter((line) => line !== "").length);
  }
  return pids.map((pid) => counts.get(`/proc/${pid}/fd:`) ?? 0);
}

/** A sentence for each use that grows too much from the second to the last quarter of the samples. */
export function grown(who: string, uses: readonly Use[]): string[] {
  const [early, late] = quarters(uses);
  const faults: string[] = [];
  const compare = (what: string, of: (use: Use) => number, max: number) => {
    const [before, after] = [median(early.map(of)), median(late.map(of))];
    if (after > before + max) faults.push(`${who} had ${format(before)} ${what}, and has ${format(after)}`);
  };
  compare("MiB", ({ mib }) => mib, grownMibMax);
  compare("descriptors", ({ descriptors }) => descriptors, grownDescriptorsMax);
  return faults;
}

/** The second quarter and the last one; the first is the start. */
export function quarters(uses: readonly Use[]): readonly [Use[], Use[]] {
  const quarter = Math.ceil(uses.length / 4);
  return [uses.slice(quarter, 2 * quarter), uses.slice(-quarter)];
}

/** The one in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function format(value: number): string {
  return String(Math.round(10 * value) / 10);
}
