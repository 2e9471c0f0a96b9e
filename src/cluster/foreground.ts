/**
 * Whether this process may read its terminal: one in the background that tries is stopped, with all of its group.
 *
 * @module
 */

import { outputOf, statFields } from "../runtime/parent_watch.ts";

/**
 * Whether this process is in the foreground of its terminal, or nobody can tell. Needs the permission to run programs.
 */
export async function isInForeground(): Promise<boolean> {
  if (Deno.build.os === "windows") return true;
  try {
    if (Deno.build.os === "linux") return isForegroundByStat(await outputOf("cat", `/proc/${Deno.pid}/stat`));
    return isForegroundByPs(await outputOf("ps", "-o", "pgid=,tpgid=", "-p", `${Deno.pid}`));
  } catch {
    return true;
  }
}

/** Reads /proc/PID/stat. */
export function isForegroundByStat(text: string): boolean {
  const [, , group, , , terminalGroup] = statFields(text);
  return isSame(group, terminalGroup);
}

/** Reads what `ps -o pgid=,tpgid=` prints of one process. */
export function isForegroundByPs(text: string): boolean {
  const [group, terminalGroup] = text.trim().split(/\s+/);
  return isSame(group, terminalGroup);
}

/** A terminal that is not the one of this session has no group, and stops nobody. */
function isSame(group: string | undefined, terminalGroup: string | undefined): boolean {
  return terminalGroup === undefined || !(Number(terminalGroup) > 0) || group === terminalGroup;
}
