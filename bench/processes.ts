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

/** From `utime` on: the same two of the process, and of those of its children that have ended. */
const ownFields = 4;

/** Fields of `/proc/stat`, in the line of all processors: of these, what a guest uses counts in others already. */
const machineFields = 8;

/** Those of them in which nobody used a processor: `idle` and `iowait`. */
const idleFields = [3, 4];

/** Seconds of processor time that these processes have used so far, together. */
export async function processorSeconds(pids: readonly number[]): Promise<number> {
  return sumOf(await secondsOfEach(pids));
}

/** Seconds of processor time that each of these processes has used so far. */
export async function secondsOfEach(pids: readonly number[]): Promise<number[]> {
  return (await statsOf(pids)).map((fields) => (fields[userField] + fields[systemField]) / ticksPerSecond);
}

/** Seconds of processor time that the whole machine has used so far, and this process with all that it waited for. */
export async function machineSeconds(): Promise<{ readonly all: number; readonly own: number }> {
  const [, ...times] = (await cat(["/proc/stat"])).split("\n", 1)[0].split(/\s+/).map(Number);
  const [own] = await statsOf([Deno.pid]);
  return {
    all: sumOf(times.filter((_, at) => at < machineFields && !idleFields.includes(at))) / ticksPerSecond,
    own: sumOf(own.slice(userField, userField + ownFields)) / ticksPerSecond,
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The fields of `/proc/PID/stat` that follow the name of the program, as numbers. */
async function statsOf(pids: readonly number[]): Promise<number[][]> {
  const text = await cat(pids.map((pid) => `/proc/${pid}/stat`));
  // The name may have anything in it, but ends at the last parenthesis.
  return text.trimEnd().split("\n").map((line) => line.slice(line.lastIndexOf(")") + 2).split(" ").map(Number));
}

/** MiB that each of these processes has in memory, with what it shares with others. */
export async function residentMiB(pids: readonly number[]): Promise<number[]> {
  return (await memoryOf(pids)).map(({ now }) => now);
}

/** MiB that each of these processes has in memory, and had at most. */
export async function memoryOf(pids: readonly number[]): Promise<{ readonly now: number; readonly peak: number }[]> {
  const text = await cat(pids.map((pid) => `/proc/${pid}/status`));
  const figures = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}:\\s+(\\d+) kB$`, "gm"))].map(([, kib]) => Number(kib) / 1024);
  const [now, peak] = [figures("VmRSS"), figures("VmHWM")];
  return now.map((mib, at) => ({ now: mib, peak: peak[at] }));
}

async function cat(files: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command("cat", { args: [...files], stdin: "null", stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}
