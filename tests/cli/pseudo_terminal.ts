/**
 * The client, and the servers, in a pseudo-terminal, as a person has it: `script` of util-linux makes one.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { within } from "../net/within.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";

const root = new URL("../../", import.meta.url);

function isUtilLinux(): boolean {
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return false;
  try {
    const { stdout } = new Deno.Command("script", { args: ["--version"], stdout: "piped", stderr: "null" })
      .outputSync();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
}

/** Whether pseudo-terminals can be made here. */
export const hasPseudoTerminal: boolean = isUtilLinux();

/** What a session in a terminal came to. */
export interface Ended {
  /** The exit code. */
  readonly code: number;
  /** All that the terminal was sent, with line feeds alone as line ends. */
  readonly screen: string;
}

/** How each program is started, by itself and by its task. */
const programs = {
  client: ["run", "--no-prompt", "--allow-net", "--allow-write", ...tokenPermissions, "main_client.ts"],
  "client by its task": ["task", "--quiet", "client"],
  servers: ["run", "--no-prompt", "--allow-run", "--allow-write", ...tokenPermissions, "main_servers.ts"],
  "servers by their task": ["task", "--quiet", "servers"],
} as const;

/** A program with a terminal of its own. */
export type TerminalProgram = keyof typeof programs;

/** What starts a program as a shell does at which somebody types, in the foreground or with an & behind it. */
const shells = {
  foreground: '"$@"',
  background: '"$@" & wait',
  /** Says afterwards when the terminal takes whole lines again. */
  "and looks":
    '"$@"; for i in $(seq 200); do stty -a | grep -q " icanon" && echo "whole lines" && exit; sleep 0.1; done',
} as const;

/** A program in a window with that many columns. */
export class PseudoTerminal {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #read: Promise<void>;
  #screen = "";
  #look: () => void = () => {};

  /**
   * Starts it.
   *
   * @param columns of the window.
   * @param args of the program.
   * @param env what is set beside.
   * @param how which program it is, if not the client, and how a shell starts it, which notices when it stops.
   */
  constructor(
    columns: number,
    args: readonly string[],
    env: Record<string, string> = {},
    how: { readonly program?: TerminalProgram; readonly job?: keyof typeof shells } = {},
  ) {
    const { program = "client", job } = how;
    const words = [Deno.execPath(), ...programs[program], ...args];
    const all = job === undefined ? words : ["sh", "-m", "-c", `${shells[job]}; exit $?`, "sh", ...words];
    // The terminal itself does not show what is typed, since it was typed before the program asked.
    const command = `stty cols ${columns} -echo; exec ${all.map(inQuotes).join(" ")}`;
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--return", "--flush", "--command", command, "/dev/null"],
      cwd: root,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.#read = this.#hear();
  }

  /** Types something. */
  async type(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text)).catch(() => {});
  }

  /** Resolves when the screen has shown this, colours and moves of the cursor aside; with the match. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const found = Promise.withResolvers<RegExpExecArray>();
    this.#look = () => {
      const match = pattern.exec(stripVTControlCharacters(this.#screen).replaceAll("\r", ""));
      if (match !== null) found.resolve(match);
    };
    this.#look();
    return await within(`${pattern} on a terminal`, found.promise).catch((error) => {
      throw new Error(`${error.message}; it showed:\n${this.#screen}`);
    });
  }

  /** Waits for its end. */
  async ended(): Promise<Ended> {
    const { code } = await within("the end of a terminal", this.#child.status);
    await within("the end of its output", this.#read);
    await this.#input.abort().catch(() => {});
    return { code, screen: this.#screen };
  }

  async #hear(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#screen += text.replaceAll("\r\n", "\n");
      this.#look();
    }
  }
}

function inQuotes(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
