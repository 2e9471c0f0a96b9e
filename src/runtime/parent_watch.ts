/**
 * Notices that the programs that started this one have ended.
 *
 * `npx … task servers` is a chain: npx, a shell, `deno task`, and this process. Ctrl-C reaches all of them, and SIGTERM
 * to `deno task` is passed on; but SIGKILL to any link, and SIGTERM to npx, leave the rest running, with nobody to stop
 * it. The parent is watched by its id: an orphan gets another one. The programs above it are found once, by their
 * command lines, and then asked for now and then with signal 0, which only asks.
 *
 * @module
 */

import { kill } from "node:process";

/** Milliseconds between two looks. */
const lookEveryMs = 500;

/** Looks after which it is also asked whether one of them is dead and nobody has taken note of it. */
const looksPerRollCall = 4;

/** A process above this one. */
export interface Ancestor {
  readonly pid: number;
  /** The process that started it. */
  readonly parent: number;
  /** Its command line, with spaces between the words; some programs write a title in its place. */
  readonly command: string;
}

/** How many processes above this one are looked at. */
const generationsMax = 12;

/** Programs that run another one for somebody, and do not tell it when they are killed. */
const runners = [
  /^(\S*\/)?deno\s(.*\s)?task(\s|$)/,
  /^(\S*\/)?(npm|npx|pnpm|pnpx|yarn|bunx)(\s|$)/,
  // The same, where they are scripts: of npm, and of deno's own package where its installer was not allowed to run.
  /^(\S*\/)?node\s(-\S+\s)*(\S*\/)?(npm|npx|pnpm|yarn|deno)(-cli\.js|\.cjs)?(\s|$)/,
  /^(\S*\/)?node\s(-\S+\s)*\S*\/deno\/bin\.cjs(\s|$)/,
];

/** A shell between two of them. */
const shell = /^(\S*\/)?(sh|bash|dash|zsh|ash)\s-c\s/;

/**
 * Which processes to watch: up to the topmost runner that is reached through runners, and the shells between them.
 * Somebody's own shell or script above is not watched: it may end and leave the cluster running.
 *
 * @param chain the ancestors, the parent first.
 */
export function watchedPids(chain: readonly Ancestor[]): number[] {
  let count = 0;
  for (const [at, { command }] of chain.entries()) {
    if (runners.some((runner) => runner.test(command))) count = at + 1;
    else if (!shell.test(command)) break;
  }
  return chain.slice(0, count).map(({ pid }) => pid);
}

/**
 * Watches the parent of this process, and the runners above it. Needs the permission to run programs; without it only
 * the parent is watched.
 *
 * @param onGone called when one of them has ended, once or twice.
 */
export function watchParents(onGone: () => void): void {
  const parent = Deno.ppid;
  let above: readonly number[] = [];
  ancestors(parent).then((chain) => above = watchedPids(chain));
  let looks = 0;
  const gone = () => {
    clearInterval(timer);
    onGone();
  };
  const timer = setInterval(() => {
    if (Deno.ppid !== parent || !above.every(isAlive)) return gone();
    if (++looks % looksPerRollCall === 0) hasZombie(above).then((found) => found && gone());
  }, lookEveryMs);
}

/** Whether one of the processes is dead, and its parent has not asked how it ended: a signal still finds it. */
async function hasZombie(pids: readonly number[]): Promise<boolean> {
  if (Deno.build.os !== "linux" || pids.length === 0) return false;
  const text = await outputOf("cat", ...pids.map((pid) => `/proc/${pid}/stat`)).catch(() => "");
  return text.split("\n").some((line) => statFields(line)[0] === "Z");
}

/** What /proc/PID/stat says: the state, the parent, the group, and so on. */
export function statFields(line: string): readonly string[] {
  // Before them, the name comes in brackets and may hold anything, brackets too.
  return line.slice(line.lastIndexOf(")") + 2).split(" ");
}

/** The process `pid` and those above it, as far as they can be found out. */
async function ancestors(pid: number): Promise<Ancestor[]> {
  const chain: Ancestor[] = [];
  while (pid > 1 && chain.length < generationsMax) {
    const ancestor = await look(pid).catch(() => undefined);
    if (ancestor === undefined) break;
    chain.push(ancestor);
    pid = ancestor.parent;
  }
  return chain;
}

async function look(pid: number): Promise<Ancestor | undefined> {
  // Deno keeps /proc to programs with all permissions, and `ps` is not everywhere where /proc is.
  if (Deno.build.os === "linux") {
    return parseProc(pid, await outputOf("cat", `/proc/${pid}/stat`, `/proc/${pid}/cmdline`));
  }
  if (Deno.build.os === "windows") return undefined;
  return parsePs(pid, await outputOf("ps", "-o", "ppid=,command=", "-p", `${pid}`));
}

/** What a program prints. @throws {Error} if it cannot be run. */
export async function outputOf(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args, stdin: "null", stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

/** Reads /proc/PID/stat and, on the next line, /proc/PID/cmdline; undefined if there is no such process. */
export function parseProc(pid: number, text: string): Ancestor | undefined {
  const [stat, ...rest] = text.split("\n");
  const parent = Number(statFields(stat)[1]);
  return rest.length > 0 && parent >= 0
    ? { pid, parent, command: rest.join("\n").replaceAll("\0", " ").trim() }
    : undefined;
}

/** Reads what `ps -o ppid=,command=` prints of one process; undefined if there is no such process. */
export function parsePs(pid: number, text: string): Ancestor | undefined {
  const found = /^\s*(\d+)\s+(.*)/.exec(text);
  return found === null ? undefined : { pid, parent: Number(found[1]), command: found[2].trim() };
}

function isAlive(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return (error as { code?: string }).code !== "ESRCH";
  }
}
