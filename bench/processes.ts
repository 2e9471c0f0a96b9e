/**
 * What processes have used, from what Linux tells in `/proc`.
 *
 * Deno lets a program read there only if it may do everything, so `cat` does it. It runs before and after the
 * measurement, never beside it. Linux counts time in ticks of 10 ms, for all threads of a process: also for those of V8
 * that collect garbage and compile.
 *
 * @module
 */

/** Ticks in a second: what Linux promises to programs, whatever it counts in itself. */
const ticksPerSecond = 100;

/** Which fields of `/proc/PID/stat` follow the name of the program: `utime` and `stime`. */
const [userField, systemField] = [11, 12];

/** Seconds of processor time that these processes have used so far, together. */
export async function processorSeconds(pids: readonly number[]): Promise<number> {
  const text = await cat(pids.map((pid) => `/proc/${pid}/stat`));
  let ticks = 0;
  for (const line of text.trimEnd().split("\n")) {
    // The name may have anything in it, but ends at the last parenthesis.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[userField]) + Number(fields[systemField]);
  }
  return ticks / ticksPerSecond;
}

/** MiB that each of these processes has in memory, with what it shares with others. */
export async function residentMiB(pids: readonly number[]): Promise<number[]> {
  const text = await cat(pids.map((pid) => `/proc/${pid}/status`));
  return [...text.matchAll(/^VmRSS:\s+(\d+) kB$/gm)].map(([, kib]) => Number(kib) / 1024);
}

async function cat(files: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command("cat", { args: [...files], stdin: "null", stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}
