/**
 * Restores the terminal when the program that edits lines at it is killed.
 *
 * A program that is killed with -9 cannot do that itself, and `deno task` does not do it either: the terminal would no
 * longer show what is typed, and Ctrl-C would do nothing. So a small shell waits for the end of its standard input. A
 * shell like bash may ask for the settings before that; then the next launcher mends them when it starts.
 *
 * @module
 */

/**
 * What that shell runs. It lives on where a terminal's keys would end it, and may set the terminal when it is in
 * the background.
 */
const script = 'trap "" INT QUIT TSTP HUP TERM TTOU; read -r _; exec stty "$1" <&1';

/**
 * Guards the terminal that standard input and output are, as it is now, until what this gives is disposed of.
 *
 * @returns undefined where there is no `sh` or `stty`, as on Windows.
 */
export async function guardTerminal(): Promise<Disposable | undefined> {
  try {
    // No shell starts a program at a terminal like that: it was left so by one that was killed.
    if (/ -icanon\b/.test(await stty("-a"))) await stty("sane");
    const settings = (await stty("-g")).trim();
    const options = { stdin: "piped", stdout: "inherit", stderr: "null" } as const;
    const child = new Deno.Command("sh", { args: ["-c", script, "sh", settings], ...options }).spawn();
    return {
      [Symbol.dispose]: () => {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended.
        }
      },
    };
  } catch {
    return undefined;
  }
}

/** What `stty` prints of the terminal that is standard input. @throws {Error} if it cannot be run, or fails. */
async function stty(...args: readonly string[]): Promise<string> {
  const command = new Deno.Command("stty", { args: [...args], stdin: "inherit", stdout: "piped", stderr: "null" });
  const { success, stdout } = await command.output();
  if (!success) throw new Error(`stty ${args.join(" ")} failed`);
  return new TextDecoder().decode(stdout);
}
